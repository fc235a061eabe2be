/** The contract: how workers come and go. */
import { describeContract, isAboutLives } from "./support/contract.ts";

describeContract(isAboutLives);
