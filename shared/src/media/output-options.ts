/** How frames and audio come out, where the source leaves a choice. */
export interface OutputOptions {
  /**
   * Interlaced sources. `frame`: deinterlaced, one frame for each of the source's. `field`: deinterlaced, one frame for
   * each field. `off`: encoded interlaced, and flagged so.
   */
  deinterlace: 'frame' | 'field' | 'off';
  /** `source`: as many channels as the source has, where AAC can. `stereo`: two. */
  audioChannels: 'source' | 'stereo';
  /** Whether frames may come out as HEVC: 10 bits and HDR are kept only so. */
  allowHevc: boolean;
  /** HDR sources. `keep`: stays HDR where HEVC is allowed. `tonemap`: becomes SDR. */
  hdr: 'keep' | 'tonemap';
}

export const DEFAULT_OUTPUT: OutputOptions = {
  deinterlace: 'frame',
  audioChannels: 'source',
  allowHevc: false,
  hdr: 'keep',
};

/** Which audio track is taken, of several: by language (`de`), by name, or by its place, from 0. */
export type AudioTrackChoice = string | number;
