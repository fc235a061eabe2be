/** The same busy loop as the pool's worker has, as a program: for a host without a pool. */
import { spin } from "./work.ts";

spin();
