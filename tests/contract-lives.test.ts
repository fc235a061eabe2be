/** The contract: how workers come and go. */
import { describeContract } from "./support/contract.ts";

describeContract("lives");
