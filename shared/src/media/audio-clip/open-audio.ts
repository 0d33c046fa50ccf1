import type { MediaWork } from '../ffmpeg/media-work.ts';
import { NotCopyableError } from '../not-copyable.ts';
import { readAdtsHeader } from '../packed-audio/adts.ts';
import { ID3_HEADER_BYTES, id3TagBytes } from '../packed-audio/id3.ts';
import { readMpegAudioHeader } from '../packed-audio/mpeg-audio.ts';
import { FileWindow } from '../source/file-window.ts';
import type { RangedObject } from '../source/ranged-object.ts';
import type { FileSound } from './file-sound.ts';
import { openFlac } from './flac/open-flac.ts';
import type { IndexStore } from './frames/framed-sound.ts';
import { openAdts } from './frames/open-adts.ts';
import { openMp3 } from './frames/open-mp3.ts';
import { openMp4Sound } from './mp4-sound.ts';
import { audioUndecodable } from './undecodable.ts';
import { openWav } from './wav.ts';
import { openMixed, openWhole } from './whole-sound.ts';

// FFmpeg itself could read an object by ranges, through a server of ours. It would not be exact: in MP3 and bare AAC
// it seeks by the bit rate, or reads all that precedes. And it would read megabytes ahead at each place it looks
// at. So we find the frames, and FFmpeg gets those alone, through a pipe.

/** Around each place that is looked at. */
const WINDOW_BYTES = 64 << 10;

/**
 * Opens an audio file. What it is, its first bytes tell; a name may lie.
 * @param store for the index of formats that need one
 * @throws PermanentError `AUDIO_UNDECODABLE`
 */
export async function openAudio(
  object: RangedObject,
  store: IndexStore,
  work: MediaWork,
): Promise<FileSound> {
  const window = FileWindow.over(object, WINDOW_BYTES);
  const { kind, at } = await kindOf(window);
  if (!kind) throw audioUndecodable('its format is not known');
  try {
    return await open(kind, at, object, window, store);
  } catch (error) {
    if (!(error instanceof NotCopyableError)) throw error;
    // Where bare frames are not all alike, FFmpeg's filters would begin to count again with each change.
    const isFramed = kind === 'mp3' || kind === 'adts';
    return isFramed
      ? openMixed(object, DEMUXERS[kind], work)
      : openWhole(object, DEMUXERS[kind], work);
  }
}

/** What we know by its first bytes, and FFmpeg's demuxer for it. */
const DEMUXERS = {
  ...{ mp4: 'mov', mp3: 'mp3', adts: 'aac', wav: 'wav', flac: 'flac' },
  ...{ ogg: 'ogg', matroska: 'matroska', aiff: 'aiff', caf: 'caf' },
} as const;

type Kind = keyof typeof DEMUXERS;

function open(
  kind: Kind,
  at: number,
  object: RangedObject,
  window: FileWindow,
  store: IndexStore,
): Promise<FileSound> {
  switch (kind) {
    case 'mp4':
      return openMp4Sound(object, window);
    case 'mp3':
      return openMp3(object, window, at, store);
    case 'adts':
      return openAdts(object, at, store);
    case 'wav':
      return openWav(object, window);
    case 'flac':
      return openFlac(object, window, at);
    default:
      throw new NotCopyableError(`${kind} is left to FFmpeg`);
  }
}

/** @returns the kind, and where it begins: tags may precede it */
async function kindOf(window: FileWindow): Promise<{ kind: Kind | undefined; at: number }> {
  let at = 0;
  for (;;) {
    const beginning = await window.bytes(at, SNIFFED_BYTES);
    const tagBytes = id3TagBytes(beginning.subarray(0, ID3_HEADER_BYTES), 0);
    if (tagBytes === undefined) {
      // What lies behind a tag and some rubbish mostly is MP3: FFmpeg finds it.
      return { kind: sniffAudio(beginning) ?? (at > 0 ? 'mp3' : undefined), at };
    }
    at += tagBytes;
  }
}

const SNIFFED_BYTES = 16;

/** Boxes that an MP4 may begin with. */
const FIRST_BOXES = ['ftyp', 'moov', 'mdat', 'free', 'skip', 'wide'];

function sniffAudio(beginning: Buffer): Kind | undefined {
  const text = (from: number, to: number) => beginning.toString('latin1', from, to);
  const mark = text(0, 4);
  if (FIRST_BOXES.includes(text(4, 8))) return 'mp4';
  if ((mark === 'RIFF' || mark === 'RF64') && text(8, 12) === 'WAVE') return 'wav';
  if (mark === 'FORM' && text(8, 11) === 'AIF') return 'aiff';
  if (mark === 'fLaC') return 'flac';
  if (mark === 'OggS') return 'ogg';
  if (mark === 'caff') return 'caf';
  if (mark === '\x1a\x45\xdf\xa3') return 'matroska';
  if (readAdtsHeader(beginning, 0)) return 'adts';
  return readMpegAudioHeader(beginning, 0) ? 'mp3' : undefined;
}
