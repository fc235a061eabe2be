/** The program of the workers in Node, for builds that need it as an entry. */
import "@reapool/node/worker-main";
