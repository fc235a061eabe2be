const { task } = require("reapool/worker");

exports.add = (a, b) => a + b;

exports.sizes = (words) => new Map([...words].map(([word, date]) => [word, date.getTime()]));

exports.whoAmI = () => ({ pid: process.pid, worker: task().workerId });

exports.die = () => {
  process.kill(process.pid, "SIGKILL");
};
