/** The tasks as poolifier wants them, in a thread. */
import { ThreadWorker } from "poolifier";
import * as tasks from "./tasks.js";

export default new ThreadWorker(/** @type {any} */ ({ ...tasks }));
