/** The tasks as poolifier wants them, in a process of node:cluster. */
import { ClusterWorker } from "poolifier";
import * as tasks from "./tasks.js";

export default new ClusterWorker(/** @type {any} */ ({ ...tasks }));
