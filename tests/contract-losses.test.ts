/** The contract: what is lost with a worker that dies or breaks the protocol, and what is not. */
import { describeContract } from "./support/contract.ts";

describeContract("losses");
