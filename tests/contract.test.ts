/** The contract: all but how workers come and go. */
import { describeContract, isAboutLives } from "./support/contract.ts";

describeContract((contractCase) => !isAboutLives(contractCase));
