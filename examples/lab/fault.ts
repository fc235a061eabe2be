/** Why an experiment did not show what it should: the lab is at fault, or what it tests. */
export class Fault extends Error {
  override name = "Fault";
}

/** Why an experiment is not possible here. Nothing is wrong. */
export class Unavailable extends Error {
  override name = "Unavailable";
}
