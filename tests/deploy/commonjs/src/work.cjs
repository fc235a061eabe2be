const { task } = require("reapool/worker");

exports.add = (a, b) => a + b;

exports.whoAmI = () => ({ pid: process.pid, worker: task().workerId });

exports.die = () => {
  process.kill(process.pid, "SIGKILL");
};
