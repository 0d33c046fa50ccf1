import { appendFileSync } from 'node:fs';

/** Whether this is `npm run test:faults`, not the short form inside `npm test`. */
export const isFull = process.env.FAULTS === 'full';

/** A test tries no more after this long: on a slow machine it says what it has not tried, and breaks no guarantee. */
const BUDGET_MS = 25 * 60_000;

export const isOutOfTime = (startedAt: number): boolean =>
  performance.now() - startedAt > BUDGET_MS;

/** For `vi.setConfig`: whatever runs into it hangs, however slow the machine. */
export const PATIENT = { testTimeout: 1_800_000, hookTimeout: 600_000 };

/** A line of the table that `npm run test:faults` prints. */
export interface Row {
  readonly what: string;
  /** Whether FFmpeg really ran, or each file is a copy of one that it has made. */
  readonly media: 'FFmpeg' | 'pre-cut files';
  readonly tried: number;
  /** How much there was to try, where time ran out before. */
  readonly of?: number;
  /** Events handed to functions. */
  readonly delivered: number;
  /** Those of them that the function had got before. */
  readonly duplicates: number;
  readonly violations: number;
  /** Of `performance.now()`. */
  readonly startedAt: number;
  readonly note?: string;
}

/** What is counted while a test tries one thing after the other. */
export type Counts = {
  -readonly [Name in 'tried' | 'delivered' | 'duplicates' | 'violations']: number;
} & {
  of?: number;
};

export type ReportedRow = Omit<Row, 'startedAt'> & { readonly seconds: number };

/** Keeps a line for the table at the end. */
export function report({ startedAt, ...row }: Row): void {
  const file = process.env.FAULTS_REPORT;
  if (!file) return;
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  appendFileSync(file, `${JSON.stringify({ ...row, seconds } satisfies ReportedRow)}\n`);
}
