/** A piece of the episode, in milliseconds. */
export type Span = [startMs: number, endMs: number];

/** One clip to be made. */
export interface CutTask {
  method: MethodName;
  playlistPath: string;
  spans: readonly Span[];
  /** Empty, for all that is written. */
  folder: string;
}

/** A clip that was made, and what its maker says of it. */
export interface CutOutcome {
  clipPath: string;
  /** From the order to the finished file. */
  wallMs: number;
  /** Of the episode: playlists and chunks, each time they are read from where it is stored. */
  bytesRead: number;
  framesEncoded: number;
  /** Ours: the size of the chunks that the segments overlap. */
  chunkBytes?: number;
  /** Ours: of FFmpeg and FFprobe, the most that were started to extract one segment. */
  segmentProcesses?: number;
  /** What the pipeline says of itself: from the begin of the execution to the finished file. */
  totalProcessingMs?: number;
}

/** The methods, in the order in which tables show them. */
export const METHODS = {
  exact: { title: 'smart cut, sound to the sample' },
  copiedSound: { title: 'smart cut, AAC frames copied' },
  pipeline: { title: 'smart cut, the whole pipeline' },
  ffmpegCopy: { title: 'FFmpeg, copy' },
  ffmpegEncode: { title: 'FFmpeg, exact re-encode' },
} as const;

export type MethodName = keyof typeof METHODS;
export const METHOD_NAMES = Object.keys(METHODS) as MethodName[];

export const FRAMES_PER_SECOND = 30;

export const lengthMs = (spans: readonly Span[]): number =>
  spans.reduce((sum, [startMs, endMs]) => sum + endMs - startMs, 0);
