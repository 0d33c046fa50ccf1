import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MeasuredWorker } from '../measure/measured-worker.ts';
import { median } from '../measure/statistics.ts';
import type { AudioResults, AudioRow } from './audio-results.ts';
import { startAudioStack } from './audio-stack.ts';
import type { AudioOutcome, AudioTask } from './audio-worker.ts';
import { FILE_SECONDS, type LongAudio, longAudio } from './long-audio.ts';

/** Near the begin, in the middle and near the end. */
const MINUTES = [1, 90, 179] as const;
const CLIP_SECONDS = 30;
const RUNS = 7;
/** Clips of different runs are different clips: none of them is there yet. */
const STEP_MS = 211;

const TENANT = 'bench';

type Worker = MeasuredWorker<AudioTask, AudioOutcome>;

/**
 * Cuts clips out of audio files of three hours, with the code of the function against the embedded S3 and
 * DynamoDB, and beside it with FFmpeg alone from the local file. Places and methods take turns.
 */
export async function benchAudio(): Promise<AudioResults> {
  const files = await longAudio();
  console.log('Starting the embedded stack and uploading the files …');
  const stack = await startAudioStack(files, TENANT);
  const folder = await mkdtemp(join(tmpdir(), 'splicebus-bench-audio-'));
  const worker: Worker = await MeasuredWorker.start(
    new URL('audio-worker.ts', import.meta.url),
    [],
    { env: { ...stack.variables, TMPDIR: folder } },
  );
  try {
    const benches = files.map((file) => new FileBench(file, worker, folder));
    const indexed: AudioResults['indexed'] = [];
    // Not measured, unless it makes an index: the first clip finds nothing in memory.
    for (const bench of benches) indexed.push(...(await bench.first()));
    for (let n = 0; n < RUNS; n++) {
      for (const bench of benches) await bench.round(n);
    }
    const cached: number[] = [];
    for (let n = 0; n < RUNS; n++) cached.push(await benches[0]!.cachedMs());
    return {
      fileSeconds: FILE_SECONDS,
      clipSeconds: CLIP_SECONDS,
      rows: benches.flatMap((bench) => bench.rows),
      indexed,
      cachedMs: median(cached),
    };
  } finally {
    await worker.stop();
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Run {
  minute: number;
  wallMs: number;
  ffmpegAloneMs: number;
  bytesRead: number;
}

/** One file, at all places. */
class FileBench {
  readonly #runs: Run[] = [];

  constructor(
    private readonly audio: LongAudio,
    private readonly worker: Worker,
    private readonly folder: string,
  ) {}

  async first(): Promise<AudioResults['indexed']> {
    const { wallMs, clip } = await this.#make(0);
    const { format } = this.audio;
    return clip?.reading === 'indexed' ? [{ format, wallMs, bytesRead: clip.bytesRead! }] : [];
  }

  async round(n: number): Promise<void> {
    for (const minute of n % 2 === 0 ? MINUTES : MINUTES.toReversed()) {
      const startMs = minute * 60_000 - CLIP_SECONDS * 500 + n * STEP_MS;
      const { wallMs, clip } = await this.#make(startMs);
      const ffmpegAloneMs = await this.#ffmpegAlone(startMs);
      this.#runs.push({ minute, wallMs, ffmpegAloneMs, bytesRead: clip!.bytesRead! });
    }
  }

  /** The first clip again. */
  async cachedMs(): Promise<number> {
    return (await this.#make(0)).wallMs;
  }

  get rows(): AudioRow[] {
    const { format, bytes: fileBytes } = this.audio;
    return MINUTES.map((minute) => {
      const runs = this.#runs.filter((run) => run.minute === minute);
      const of = (what: 'wallMs' | 'ffmpegAloneMs' | 'bytesRead') =>
        median(runs.map((run) => run[what]));
      return {
        ...{ format, fileBytes, minute, runs: runs.length },
        ...{ wallMs: of('wallMs'), ffmpegAloneMs: of('ffmpegAloneMs'), bytesRead: of('bytesRead') },
      };
    });
  }

  async #make(startMs: number): Promise<AudioOutcome> {
    const ids = { tenantId: TENANT, episodeId: this.audio.name };
    const request = { ...ids, startMs, durationMs: CLIP_SECONDS * 1000 };
    return (await this.worker.perform({ by: 'audioClip', request })).result;
  }

  async #ffmpegAlone(startMs: number): Promise<number> {
    const task: AudioTask = {
      ...{ by: 'ffmpeg', source: this.audio.file, file: join(this.folder, 'alone.mp3') },
      ...{ startSeconds: startMs / 1000, seconds: CLIP_SECONDS },
    };
    return (await this.worker.perform(task)).result.wallMs;
  }
}
