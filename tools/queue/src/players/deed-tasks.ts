/** The jobs of the comparison as tasks of a pool. */
import { task } from "reapool/worker";
import * as deeds from "./deeds.ts";

export const { nothing, compute, grow, start, brief } = deeds;
export const listen = (order: deeds.Order): Promise<void> => deeds.listen(order, task().signal);
