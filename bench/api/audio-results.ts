/** What a clip takes, by where it lies. */
export interface AudioRow {
  /** Of the file. */
  format: string;
  fileBytes: number;
  /** Where the clip begins. */
  minute: number;
  runs: number;
  /** Medians: a clip that is not there yet, and the same of FFmpeg alone from the local file. */
  wallMs: number;
  ffmpegAloneMs: number;
  bytesRead: number;
}

/** What audio clips out of long files take. */
export interface AudioResults {
  fileSeconds: number;
  clipSeconds: number;
  rows: AudioRow[];
  /** The first clip of a file that needs an index: all of it is read. */
  indexed: { format: string; wallMs: number; bytesRead: number }[];
  /** Median of clips that are there. */
  cachedMs: number;
}
