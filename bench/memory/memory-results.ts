import type { Spent } from '../measure/measured-worker.ts';
import type { Machine } from '../report/machine.ts';

/** What a stage of the pipeline takes for a very long segment. */
export interface MemoryStage extends Spent {
  name: string;
  wallMs: number;
  /** What it reads: chunks, or the files of the segment. */
  inputBytes: number;
  /** What it makes of that. */
  outputBytes: number;
  /** The most that lay in its folder for temporary files. */
  diskPeakBytes: number;
}

/** What `bench/results/memory.json` holds. */
export interface MemoryResults {
  machine: Machine;
  episode: { seconds: number; bytes: number };
  segmentSeconds: number;
  /** Of the finished clip, by its receipt. */
  clip: { method: string; framesEncoded: number; firstFrameError: number; lastFrameError: number };
  stages: MemoryStage[];
}
