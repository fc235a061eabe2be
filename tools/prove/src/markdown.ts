/** The results as Markdown. Pure: every number in it comes from a measurement. */
import { markdownTable } from "markdown-table";
import { WORKER_STATES } from "./hosts/messages.ts";
import { CAUSES, type Cause, type Death, type Ending } from "./measure/matrix.ts";
import type { OrphansMeasured } from "./measure/orphans.ts";
import { medianAndWorst, tenths, whole } from "./numbers.ts";
import { faultsOf, type MatrixResult, type Outcome, type Results, type RuntimeResults } from "./results.ts";
import type { Part } from "./settings.ts";
import type { Zombie } from "./zombie-watch.ts";

export function toMarkdown(results: Results): string {
  const { settings, machine, missing } = results;
  const labels = results.runtimes.map(({ label }) => label).join(", ");
  const sections: Record<Part, () => string[]> = {
    matrix: () => matrix(results),
    moments: () => moments(results),
    deaths: () => deaths(results),
    idle: () => idle(results),
    orphans: () => orphans(results),
  };
  const faults = faultsOf(results);
  const verdict =
    faults.length === 0
      ? "Nothing that is promised was broken in this run."
      : `**Broken in this run:**\n\n${faults.map((fault) => `- ${fault}`).join("\n")}`;
  return [
    `Measured by \`npm run prove\` on one machine: ${[...machine, labels].join("; ")}.${skipped(missing)} Another machine, or the same one ` +
      "under another load, gives other numbers.",
    verdict,
    ...settings.parts.flatMap((part) => sections[part]()),
  ].join("\n\n");
}

const skipped = (missing: readonly string[]) =>
  missing.length === 0 ? "" : ` Skipped, as it is not installed: ${missing.join(", ")}.`;

function matrix({ settings, runtimes }: Results): string[] {
  const measured = valuesOf(runtimes, "matrix");
  return [
    "### The death of a host",
    `Six workers, each in another state and with a grandchild in its group, when their host dies: ms from the host's ` +
      `death until a worker of that state and its grandchild are gone, then the guard and the socket folder, then the last ` +
      `of all (median / worst of ${settings.rounds} hosts). A worker that traps SIGTERM computes in a loop too; one that has ` +
      "scattered has started a daemon, and a tree in another session whose processes have cleared their environment, as a " +
      `browser's: they count with it. SIGPIPE is sent; ` +
      `for "stdout closed" the host prints when nobody reads any more. 0 says that it was gone before the host was.`,
    ...measured.flatMap(({ label, value }) => [`**${label}**`, matrixTable(value), ...survivals(value)]),
    "The control: guard and host are killed in the same moment, so that nobody is left to end the others. A second later " +
      "this was still there, and `prove` ended it:",
    table(
      ["", "workers", "grandchildren", "socket folders"],
      measured.map(({ label, value: { control } }) => [
        label,
        control.workers.length === 0 ? "none" : control.workers.join(", "),
        `${control.grandchildren} of ${WORKER_STATES.length}`,
        whole(control.socketFolders),
      ]),
    ),
  ];
}

function matrixTable({ endings }: MatrixResult): string {
  const rows = CAUSES.map((cause) => {
    const ofCause = endings.filter((ending) => causeOf(ending) === cause);
    const died = ofCause.flatMap((ending) => ("death" in ending ? [ending.death] : []));
    if (died.length === 0) return [cause, ...WORKER_STATES.map(() => "–"), "–", "–", LIVES_ON];
    const times = (read: (death: Death) => number) => medianAndWorst(died.map(read));
    return [
      cause,
      ...WORKER_STATES.map((state) => times(({ gone }) => gone[state])),
      times(({ guard }) => guard),
      times(({ socketFolder }) => socketFolder),
      times(({ last }) => last),
    ];
  });
  return table(["host dies of", ...WORKER_STATES, "guard", "folder", "last of all"], rows);
}

function causeOf(ending: Ending): Cause {
  return "death" in ending ? ending.death.cause : ending.survival.cause;
}

const LIVES_ON = "lives on";

function survivals({ endings }: MatrixResult): string[] {
  return CAUSES.flatMap((cause) => {
    const lived = endings.flatMap((ending) => ("survival" in ending ? [ending.survival] : []));
    const ofCause = lived.filter((survival) => survival.cause === cause);
    if (ofCause.length === 0) return [];
    const complete = ofCause.filter(({ missing }) => missing.length === 0).length;
    const answered = ofCause.filter(({ poolAnswered }) => poolAnswered).length;
    return [
      `${cause}: ${ofCause.length} of ${ofCause.length + countDeaths(endings, cause)} hosts live on. All workers, grandchildren ` +
        `and the guard are still there in ${complete} of them; the pool answers in ${answered}.`,
    ];
  });
}

function countDeaths(endings: readonly Ending[], cause: Cause): number {
  return endings.filter((ending) => "death" in ending && ending.death.cause === cause).length;
}

function moments({ settings, runtimes }: Results): string[] {
  return [
    "### Hosts killed at random moments",
    `${whole(settings.moments)} hosts in each runtime get SIGKILL up to a second after they were ready. Their three workers start a daemon ` +
      "and a browser-like tree ten times a second, and one of them is killed four times a second.",
    table(
      ["", "hosts", "processes that ran", "outside their group", "left a second later", "ten seconds later"],
      valuesOf(runtimes, "moments").map(({ label, value }) => [
        label,
        whole(value.hosts),
        whole(value.running),
        whole(value.scattered),
        whole(value.left),
        whole(value.stayed),
      ]),
    ),
  ];
}

function deaths({ settings, runtimes, watchControl }: Results): string[] {
  const measured = valuesOf(runtimes, "deaths");
  return [
    `### ${whole(settings.deaths)} worker deaths`,
    "Workers of a pool of four are killed with SIGKILL at random, working, waiting or starting, while six calls are always " +
      "under way. Another process looks at the host's processes again and again, and notes which is dead and not collected.",
    table(
      [
        "",
        "deaths",
        "in",
        "calls",
        "answered",
        "rejected with their worker",
        "never settled",
        "zombies seen",
        "longest",
        "longest turn of the loop",
        "a look every (longest gap)",
        "descriptors before",
        "after",
      ],
      measured.map(({ label, value }) => [
        label,
        whole(value.deaths),
        `${whole(value.seconds)} s`,
        whole(value.calls),
        whole(value.answered),
        whole(value.rejected),
        whole(value.unsettled),
        whole(value.watched.zombies.length),
        duration(value.longestZombie),
        `${whole(value.longestTurn)} ms`,
        `${tenths(value.watched.interval.median)} ms (${whole(value.watched.interval.longest)} ms)`,
        whole(value.descriptors.before),
        whole(value.descriptors.after),
      ]),
    ),
    `${LONGEST} The control: a program that never waits for what it has started, watched for a second and a half in the same ` +
      `way, had a zombie for ${watchControl === undefined ? "no time at all" : `${whole(watchControl.seen)} ms`}.`,
    "### Memory of the guard",
    "In kB: all that is resident, shared pages of the shell and the C library included, and what is its own alone.",
    table(
      [
        "",
        "resident at the start",
        "its own",
        `resident after ${whole(settings.deaths)} deaths`,
        "its own",
        "the same process",
      ],
      measured.map(({ label, value: { guard, isGuardTheSame } }) => [
        label,
        ...[guard.before, guard.after].flatMap((memory) => [
          whole(memory.resident),
          memory.private === undefined ? "not told" : whole(memory.private),
        ]),
        isGuardTheSame ? "yes" : "no",
      ]),
    ),
  ];
}

const LONGEST =
  "Longest: between the last look that did not see it dead and the first that saw it gone, so it includes up to two gaps. Nothing is collected before the " +
  "host's event loop has turned, so its longest turn stands beside.";

function idle({ settings, runtimes }: Results): string[] {
  return [
    "### Wake-ups of an idle pool",
    `How often the threads of each process were woken up in ${settings.idleMs / 1_000} s (voluntary context switches). To compare: a ` +
      "program of the same runtime that only waits for a timer.",
    table(
      ["", "that program", "host of a pool of two", "its workers", "its guard"],
      valuesOf(runtimes, "idle").map(({ label, value }) => [
        label,
        whole(value.bare),
        whole(value.host),
        value.workers.map(whole).join(", "),
        whole(value.guard),
      ]),
    ),
  ];
}

function orphans({ runtimes }: Results): string[] {
  const rows = valuesOf(runtimes, "orphans").flatMap(({ label, value }) => [
    orphansRow(`${label}, \`"adopt"\``, value.adopted),
    orphansRow(`${label}, PID 1`, value.asPidOne),
    orphansRow(`${label}, PID 1, \`"ignore"\` (the control)`, value.control),
  ]);
  return [
    "### Orphans among processes of the host's own",
    "The host starts processes, each with an exit code of its own and each leaving an orphan behind. Half of them are started by " +
      "`node:child_process`, half by the runtime's own API where there is one. Its event loop is held up for up to a tenth of a second every half second.",
    table(
      [
        "",
        "own processes",
        "wrong exit codes",
        "orphans seen",
        "longest as a zombie",
        "longest turn of the loop",
        "zombies left",
      ],
      rows,
    ),
    "An orphan whose whole life as the host's falls between two looks is not seen.",
  ];
}

function orphansRow(label: string, measured: OrphansMeasured): string[] {
  if (measured.status === "skipped") return [label, `skipped: ${measured.reason}`];
  const { own, wrongCodes, adopted, longestZombie, longestTurn, left } = measured.result;
  return [
    label,
    whole(own),
    whole(wrongCodes.length),
    whole(adopted),
    duration(longestZombie),
    `${whole(longestTurn)} ms`,
    whole(left),
  ];
}

function duration(zombie: Zombie | undefined): string {
  return zombie === undefined ? "none seen" : `${whole(zombie.atMost)} ms`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return markdownTable([head, ...rows], { align: ["l", ...head.slice(1).map(() => "r")] });
}

type ValueOf<P extends Part> = Extract<NonNullable<RuntimeResults[P]>, { readonly value: unknown }>["value"];

/** What could not be measured is among the faults. */
function valuesOf<P extends Part>(
  runtimes: readonly RuntimeResults[],
  part: P,
): { label: string; value: ValueOf<P> }[] {
  return runtimes.flatMap((results) => {
    const outcome = results[part] as Outcome<ValueOf<P>> | undefined;
    return outcome !== undefined && "value" in outcome
      ? [{ label: results.label, value: outcome.value }]
      : [];
  });
}
