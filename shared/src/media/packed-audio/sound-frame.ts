/** What the header of a frame of sound tells. */
export interface SoundFrame {
  /** With its header. */
  frameBytes: number;
  /** Of each channel. */
  samples: number;
  /** In Hz. */
  sampleRate: number;
  /** It has no time of its own: it is heard with the frame before it. */
  isDependent?: boolean;
}
