import { NotCopyableError, UnreadableMediaError } from '../not-copyable.ts';
import type { AudioTrackChoice } from '../output-options.ts';
import { FileReader } from '../source/file-reader.ts';
import { FileWindow } from '../source/file-window.ts';
import type { ByteSpan, MediaIndex } from '../source/media-index.ts';
import { readChunkBoxes } from './fragments/chunk-boxes.ts';
import { assertDecodeTimes } from './fragments/decode-times.ts';
import { trackFragments } from './fragments/fragments.ts';
import { PictureCollector } from './picture-collector.ts';
import { SoundCollector } from './sound-collector.ts';
import { chooseAudioTrack } from './tracks/choose-track.ts';
import { readInitialization, type Track } from './tracks/initialization.ts';

/** Of a picture we look at what precedes its first slice, of a chunk at what precedes its media. */
const WINDOW_BYTES = 4096;

/** A chunk, or the sound in it. */
export interface FragmentedFile {
  path: string;
  take: 'all' | 'sound';
  /** The only place of the file where there is something; absent: there is something everywhere. */
  sound?: ByteSpan;
}

export interface FragmentedIndex extends MediaIndex {
  /** `track_ID` of the audio track that was taken; absent: the first one. */
  audioTrackId?: number;
}

/**
 * Lists the pictures and the sound of fragmented MP4, reading no more of the media than the beginning of
 * each picture.
 * @param init the file that describes the tracks
 * @param chunks files of fragments, in order, on one clock
 * @param choice of several audio tracks, the one to take
 * @throws NotCopyableError when it is not what we can copy from, with the reason; UnreadableMediaError when a chunk
 * does not tell when it begins
 */
export async function indexFragmentedMp4(
  init: string,
  chunks: readonly FragmentedFile[],
  signal: AbortSignal,
  choice?: AudioTrackChoice,
): Promise<FragmentedIndex> {
  const { tracks } = await readInitialization(init);
  const videoTrack = tracks.find((track) => track.kind === 'video');
  const { track: audioTrack, isFirst, findings } = chooseAudioTrack(tracks, choice);
  for (const track of [videoTrack, audioTrack]) if (track) assertClear(track);
  const paths = chunks.map(({ path }) => path);
  const pictures = videoTrack && new PictureCollector(videoTrack, paths);
  const sound = audioTrack && new SoundCollector(audioTrack, paths);
  const reader = new FileReader();
  try {
    for (const [file, { path, take, sound: there }] of chunks.entries()) {
      const window = await FileWindow.open(reader, path, WINDOW_BYTES);
      const { fragments, bounds } = await readChunkBoxes(window, signal);
      assertDecodeTimes(fragments, tracks);
      for (const fragment of fragments) {
        signal.throwIfAborted();
        for (const part of trackFragments(fragment, tracks, bounds)) {
          for (const sample of part.samples) bounds.assertInMedia(sample, fragment.start);
          if (part.trackId === sound?.trackId) sound.add(part, file, there);
          else if (part.trackId === pictures?.trackId && take === 'all') {
            await pictures.add(part, file, window, signal);
          }
        }
      }
    }
  } finally {
    await reader.close();
  }
  const index: FragmentedIndex = {
    pictures: pictures?.track(),
    ...sound?.index(),
    ...(findings.length > 0 ? { findings } : {}),
    ...(audioTrack && !isFirst ? { audioTrackId: audioTrack.id } : {}),
  };
  if (videoTrack && !index.pictures && index.sound) index.lacksFrames = true;
  if (!index.pictures && !index.sound && !index.hasForeignSound) {
    const lost = findings.find(({ code }) => code === 'AUDIO_LOST');
    if (lost)
      throw new UnreadableMediaError('the audio is of a codec that cannot be decoded here', ADVICE);
    throw new NotCopyableError('the chunks hold neither pictures nor sound');
  }
  return index;
}

const ADVICE = 'provide the episode with AAC, AC-3, E-AC-3, MP3 or Opus';

const ENCRYPTED = ['encv', 'enca'];

function assertClear({ kind, codec }: Track): void {
  if (ENCRYPTED.includes(codec)) throw new NotCopyableError(`the ${kind} is encrypted (${codec})`);
}
