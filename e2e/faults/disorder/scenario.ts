import type { LoggedEvent } from '../checker/final-state.ts';
import type { SimulationOptions } from '../world/simulation.ts';

const MINUTE = 60_000;

/** How often a call takes so long that others do all of their work meanwhile. Uploads are the slowest. */
const SLOW_CALLS: Readonly<Record<string, number>> = { 'S3 PutObject': 0.3 };

/** A clip as a scenario asks for it; `fails` and `rejected` say what shall become of it. */
interface WantedClip {
  readonly clipId: string;
  /** Of the tiny episode, it is left out. */
  readonly renditions: readonly string[];
  readonly segments: readonly { startTime: number; endTime: number }[];
}

/** What is asked for, and what goes wrong meanwhile: all of it drawn from one seed. */
export interface Scenario {
  readonly clips: readonly WantedClip[];
  /** Each time is one of a request for all of the clips, in milliseconds from the beginning. */
  readonly requestedAtMs: readonly number[];
  readonly cancelledAtMs?: number;
  /** When the deadline sweep runs; it takes everything that is running for overdue. */
  readonly sweptAtMs?: number;
  /** Whether the archive is replayed once all is at rest. */
  readonly isReplayed: boolean;
  readonly faults: SimulationOptions;
}

/** Draws a scenario. @param random draws from [0, 1) */
export function drawScenario(random: () => number): Scenario {
  const chance = (probability: number) => random() < probability;
  const upTo = (max: number) => Math.floor(random() * max);
  const clips = Array.from({ length: chance(0.1) ? 2 : 1 }, (_, index) => ({
    clipId: index === 0 ? 'one' : 'two',
    renditions: index === 0 ? ['720p'] : [],
    segments: Array.from({ length: drawCount(random, [0.55, 0.92]) }, () =>
      drawSegment(chance, upTo),
    ),
  }));
  return {
    clips,
    requestedAtMs: chance(0.15) ? [0, upTo(chance(0.7) ? 50 : 5 * MINUTE)] : [0],
    ...(chance(0.15) && { cancelledAtMs: upTo(chance(0.7) ? 300 : MINUTE) }),
    ...(chance(0.1) && { sweptAtMs: upTo(chance(0.7) ? 300 : MINUTE) }),
    isReplayed: chance(0.05),
    faults: {
      copies: drawCopies(random),
      // Most come at once; some are overtaken by everything else.
      delayMs: () => (chance(0.1) ? upTo(30 * MINUTE) : upTo(60)),
      callMs: (call) => (chance(SLOW_CALLS[call] ?? 0.05) ? upTo(800) : 1 + upTo(10)),
      ...drawDeath(chance, upTo),
      ...drawUndeliverable(chance, upTo),
    },
  };
}

type Chance = (probability: number) => boolean;
type UpTo = (max: number) => number;

/** Of 60, one is outside the episode, and one ends before it begins. */
function drawSegment(chance: Chance, upTo: UpTo) {
  const startTime = chance(0.03) ? 500 : upTo(3);
  return { startTime, endTime: chance(0.02) ? startTime : startTime + 1 };
}

/**
 * An event arrives one to five times. Where it was published again, the copies of each further publication
 * would multiply along the flow without telling anything new: those arrive once each.
 */
function drawCopies(random: () => number) {
  const published = new Set<string>();
  return (event: LoggedEvent, functionName: string) => {
    const key = `${functionName} ${event.detail.meta?.eventId ?? event.id}`;
    if (published.has(key)) return 1;
    published.add(key);
    return drawCount(random, [0.76, 0.9, 0.95, 0.98]);
  };
}

/** 1 below the first limit, 2 below the second, and so on. */
function drawCount(random: () => number, limits: readonly number[]): number {
  const drawn = random();
  return 1 + limits.filter((limit) => drawn >= limit).length;
}

/** In a third of the runs a process dies at some call; in a third of those so does every retry of it. */
function drawDeath(chance: Chance, upTo: UpTo): Pick<SimulationOptions, 'fateOf'> {
  if (!chance(0.33)) return {};
  const [place, fate, isForEver] = [
    upTo(120),
    chance(0.5) ? 'before' : 'after',
    chance(0.33),
  ] as const;
  let calls = 0;
  let victim: { functionName: string; eventName: string; place: number } | undefined;
  let deaths = 0;
  return {
    fateOf(call) {
      if (calls++ === place) victim = call;
      if (!victim || deaths === (isForEver ? 3 : 1)) return undefined;
      const isIt =
        call.functionName === victim.functionName &&
        call.eventName === victim.eventName &&
        call.place === victim.place;
      if (!isIt) return undefined;
      deaths++;
      return fate;
    },
  };
}

function drawUndeliverable(chance: Chance, upTo: UpTo): Pick<SimulationOptions, 'isUndeliverable'> {
  if (!chance(0.08)) return {};
  let countdown = upTo(15);
  return { isUndeliverable: () => countdown-- === 0 };
}
