/** The contract: what calls do. */
import { describeContract } from "./support/contract.ts";

describeContract("calls");
