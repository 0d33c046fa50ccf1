/** The sentences of docs/guarantees.md, in short. */
export type Guarantee =
  /** Every accepted clip reaches exactly one terminal status per execution. */
  | 'one-end'
  /** The record speaks of the newest execution. */
  | 'newest-execution'
  /** A terminal status never goes back. */
  | 'terminal-stays'
  /** The history holds every event once, in time order. */
  | 'history'
  /** `clip.mp4` is there once it is stitched, and is never overwritten by an older execution. */
  | 'newest-file'
  /** However often `StitchRequested` is published, one stitch comes of it. */
  | 'one-stitch'
  /** `StitchRequested` is published when all segments are there, and only then. */
  | 'stitch-when-complete'
  /** Every segment counts once. */
  | 'segments-counted-once'
  /** Every clip counts once, as what it ended. */
  | 'clips-counted-once'
  /** Every execution ends, and says so by one event. */
  | 'execution-finished-once'
  /** The record tells of all that was to be made of the `clip.mp4` that is there: made, left out or failed. */
  | 'derived-told'
  /** Nothing is made twice of a clip with two outcomes. */
  | 'derived-once'
  /** What the record names is there, and of a clip that was replaced there is nothing. */
  | 'derived-files'
  /** Of a clip that has ended no intermediates are left. */
  | 'no-intermediates'
  /** What was not asked for is not touched. */
  | 'isolation';

/** One guarantee that does not hold. */
export interface Violation {
  readonly guarantee: Guarantee;
  /** The clip or execution that it does not hold for. */
  readonly subject: string;
  readonly detail: string;
}

/** For {@link Violation.detail}: one line each, as a failing test prints them. */
export const describeViolation = ({ guarantee, subject, detail }: Violation): string =>
  `${guarantee}: ${subject}: ${detail}`;
