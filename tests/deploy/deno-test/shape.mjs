/** A test file in the runner of Deno, with the sanitizers on. */
export default {
  title: "deno test",
  build: [],
  moved: ["."],
  run: { deno: "deno test -A" },
};
