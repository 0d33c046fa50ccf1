import type { FrameFormat } from '../packed-audio/frame-format.ts';
import type { Finding } from '../warnings.ts';
import type { ByteReader } from './file-reader.ts';
import type { SoundTimes } from './timeline.ts';

// What the containers have in common: pictures and packets of sound, each with its time and its place.
// Times are in ticks of 90 kHz, MPEG-TS's own clock, whatever the container counts in.

/** [start, end) of a file, in bytes. */
export interface ByteSpan {
  start: number;
  end: number;
}

/** Where bytes lie. */
export interface Place extends ByteSpan {
  /** Index into the track's `files`. */
  file: number;
}

/** The access unit of one picture, where it lies in its container. */
export interface AccessUnit extends Place {
  /** When the picture is shown, continuous across the wrap of the clock. */
  pts: number;
  /** Nothing after it is shown before it or refers to pictures before it: IDR. */
  isIdr: boolean;
  /** Decoding can begin here: IDR, a recovery point, or HEVC's CRA and BLA. */
  isKey: boolean;
  /** H.264: no other picture refers to it, so it can be left out where it is not wanted. */
  isDisposable?: boolean;
  /**
   * H.264: the frame consists of two fields of different moments, of which this one is the first. They may be coded as
   * one picture, or as two.
   */
  firstField?: 'top' | 'bottom';
  /** H.264: its two fields are coded together, but decoders may not notice that they are of different moments. */
  isWoven?: boolean;
  /** H.264: a field of the frame is shown again, as of film that is shown as television. */
  isTelecined?: boolean;
  /** HEVC's RASL: shown before the key picture it follows, and decodable only with what precedes that. */
  isSkippedLeading?: boolean;
  /** Something of it is missing, or of a picture it refers to: it must not be copied. */
  isDamaged?: boolean;
  /** The parameter sets that come with it, without start codes. */
  sps: Buffer[];
  pps: Buffer[];
  /** HEVC only. */
  vps?: Buffer[];
}

export type VideoCodec = 'h264' | 'hevc';

/** What a decoder must know before the first picture, without start codes. */
export type ParameterSetList = Pick<AccessUnit, 'sps' | 'pps' | 'vps'>;

/** Size of a picture in pixels. */
export interface Size {
  width: number;
  height: number;
}

/** The pictures of a source, in decoding order. */
export interface PictureTrack {
  codec: VideoCodec;
  files: readonly string[];
  units: readonly AccessUnit[];
  /** Those that the episode begins with, for tracks that do not repeat them. */
  initialSets?: ParameterSetList;
  /** How far the player is asked to turn the picture, clockwise. */
  rotationDegrees: number;
  /** The byte stream (Annex B) of a unit, with its parameter sets. */
  read(reader: ByteReader, unit: AccessUnit): Promise<Buffer>;
}

/** One or more whole frames of sound. */
export interface SoundPacket extends Place {
  /** When its first sample is heard, continuous across the wrap of the clock. */
  pts: number;
  /** Of its first frame, where that was looked at. */
  format?: FrameFormat;
}

/** How a transport stream announces a codec in its program map: ISO/IEC 13818-1, 2.4.4.8. */
export interface StreamFormat {
  streamType: number;
  /** The descriptors of the elementary stream, one after the other. */
  descriptors: Buffer;
}

/** The sound of a source, in the order it is heard. */
export interface SoundTrack {
  format: StreamFormat;
  files: readonly string[];
  packets: readonly SoundPacket[];
  /** Where the last packet ends, in ticks. */
  endPts: number;
  /** The packet's frames, as a transport stream carries them: AAC has its ADTS headers. */
  read(reader: ByteReader, packet: SoundPacket): Promise<Buffer>;
}

/** What a source holds, told without decoding it. */
export interface MediaIndex {
  pictures?: PictureTrack;
  sound?: SoundTrack;
  /** Video is announced, but there is only sound. */
  lacksFrames?: boolean;
  /** There is sound, but in a codec that no transport stream of ours carries: FFmpeg must read it itself. */
  hasForeignSound?: boolean;
  /** When that is due; absent where the index does not tell. */
  foreignTimes?: SoundTimes;
  /** What else was noticed: damage, another program than the first. */
  findings?: readonly Finding[];
}
