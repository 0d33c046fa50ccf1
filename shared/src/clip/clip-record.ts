import type { ErrorSummary } from '../errors.ts';
import type { ClipMedia } from '../events/clip-stitched.ts';
import type { CutOptions } from '../events/cut-options.ts';
import type { RungName } from '../events/fields.ts';
import type { ClipReceipt } from '../events/receipt.ts';
import type { ClipWarning } from '../events/warnings.ts';
import type { Derivatives } from './derivatives.ts';

/** What a clip goes through. `detected` is written by upstream; nothing has been asked of us yet. */
export type ClipStatus =
  | 'detected'
  | 'Generation in Progress'
  | 'Generation Complete'
  | 'Generation Failed'
  | 'Cancelled';

/** The statuses after which an execution has nothing more to say about a clip. */
export type TerminalStatus = Exclude<ClipStatus, 'detected' | 'Generation in Progress'>;

export function isTerminal(status: ClipStatus): status is TerminalStatus {
  return status !== 'detected' && status !== 'Generation in Progress';
}

/**
 * The entry that ended an execution's work on a clip. What is made of the finished file is told as complete as well,
 * and may be heard of before the clip itself is.
 * @param history the entries of one execution
 */
export const endOf = (
  history: readonly StatusEntry[],
): (StatusEntry & { status: TerminalStatus }) | undefined =>
  history.find(
    (entry): entry is StatusEntry & { status: TerminalStatus } =>
      isTerminal(entry.status) &&
      (entry.status !== 'Generation Complete' || entry.event === 'ClipStitched'),
  );

/** One event in the life of a clip. */
export interface StatusEntry {
  /** The status the event stands for. */
  status: ClipStatus;
  /** The event's detail-type. */
  event: string;
  /** When it happened, ISO 8601. */
  timestamp: string;
  eventId: string;
  executionId: string;
  segmentIndex?: number;
  /** Of events about one rung of the ladder. */
  rendition?: RungName;
  error?: ErrorSummary;
}

/** Times as `HH:MM:SS.mmm`, so that the record reads like the request. */
export interface ClipSegment {
  startTime: string;
  endTime: string;
  speaker?: string;
  text?: string;
}

/** The clip item, as everybody outside reads it. Upstream may add attributes of its own; they are kept. */
export interface ClipRecord extends Derivatives {
  tenantId: string;
  episodeId: string;
  clipId: string;
  trackName?: string;
  /** What people call it, as the newest request that says so, or upstream, has it. */
  title?: string;
  description?: string;
  segments?: ClipSegment[];
  /** What the newest execution was asked to make it by. */
  options?: CutOptions;
  status: ClipStatus;
  /** In time order, each event once, over all executions. */
  statusHistory: StatusEntry[];
  /** The newest execution that was heard of: the one `status` speaks of. */
  executionId: string;
  executionStartedAt: string;
  s3Key?: string;
  /** Bytes. */
  fileSize?: number;
  /** SHA-256 of the file under `s3Key`, in hexadecimal digits. */
  sha256?: string;
  /** `HH:MM:SS`. */
  duration?: string;
  processingMetadata?: {
    segmentCount: number;
    /** Milliseconds from the begin of the execution to the finished file. */
    totalProcessingTime: number;
    ffmpegVersion: string;
  };
  /** What the file under `s3Key` holds. */
  media?: ClipMedia & { durationMs: number; frameCount: number };
  /** What was asked for and what came out, of the file under `s3Key`. */
  receipt?: ClipReceipt;
  /** In what the clip of the newest execution is less than what was asked for. */
  warnings?: ClipWarning[];
  /** How many more there are than `warnings` lists. */
  moreWarnings?: number;
  processingError?: ErrorSummary & { timestamp: string };
  createdAt: string;
  updatedAt: string;
  /** When the clip reached its terminal status. */
  processedAt?: string;
  /** Counts the writes: a write is conditional on the one it was derived from. */
  version: number;
}
