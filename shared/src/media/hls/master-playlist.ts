import type { types } from 'hls-parser';
import type { AudioTrackChoice } from '../output-options.ts';
import type { MediaWarning } from '../warnings.ts';
import { defaultAudio, findAudio, substituted } from './choose-audio.ts';
import { parseHls } from './parse-hls.ts';
import { playlistInvalid } from './playlist-errors.ts';
import { resolveKey } from './resolve-key.ts';

/** `best`, or the height of the picture in pixels that is wanted at most. */
export type Quality = 'best' | number;

/** One of the forms that a master playlist offers the same content in. */
export interface Rendition {
  /** S3 key of the media playlist with the picture; of sound alone, where there is nothing else. */
  pictureKey: string;
  /** S3 key of the media playlist with the sound; absent: it comes with the picture. */
  soundKey?: string;
  /** Of the picture, in pixels, as the playlist tells it. */
  height?: number;
  /** Peak, in bits per second. */
  bandwidth?: number;
  /** As in RFC 6381, for example `avc1.64001f,mp4a.40.2`. */
  codecs?: string;
  /** The audio track that is still to be found: in the chunks, as the playlist lists none. */
  trackInChunks?: AudioTrackChoice;
  warnings?: MediaWarning[];
}

/** More than any packager writes. The parser's time grows with the cube of the renditions. */
const MAX_LINES = 1_000;

const SOUND_CODECS = /^(?:mp4a|ac-[34]|ec-3|opus|flac|alac)\b/i;
const COPYABLE_CODECS = /\bavc[13]\b/i;

/**
 * Whether a playlist lists other playlists rather than chunks. Blanks before a tag are those within its
 * line: across lines, a text of nothing but line ends would take the square of its length.
 */
export function isMasterPlaylist(text: string): boolean {
  return /^[^\S\n\r\u2028\u2029]*#EXT-X-(?:STREAM-INF|MEDIA):/m.test(text);
}

/**
 * Chooses from a master playlist: the tallest picture (up to a height, if one is given), of those one in a
 * codec that can be copied, of those the one with the most bits. Where all are taller than asked for, the
 * smallest. Its audio is the rendition of its group that was asked for, else the one that players begin with; where
 * variants of the same picture have different groups, one is taken whose group has what was asked for. Variants of
 * key frames alone (EXT-X-I-FRAME-STREAM-INF) are not looked at.
 * @param playlistKey the S3 key it came from; URIs are resolved against it
 * @param folder the S3 folder, with trailing slash, that everything it names must lie in
 * @param audioTrack which audio rendition is wanted; of a place, the place in the variant's group
 * @throws PermanentError `PLAYLIST_INVALID` or `PLAYLIST_UNSUPPORTED`
 */
export function chooseRendition(
  text: string,
  playlistKey: string,
  folder: string,
  quality: Quality,
  audioTrack?: AudioTrackChoice,
): Rendition {
  const variants = variantsOf(text, playlistKey);
  const variant = choose(variants, quality, audioTrack);
  if (!variant) throw playlistInvalid(playlistKey, 'it lists no variants (EXT-X-STREAM-INF)');
  const keyOf = (uri: unknown) =>
    resolveKey(typeof uri === 'string' ? uri : '', playlistKey, folder);
  const { sound, ...aboutTrack } = chooseAudio(variant.audio, audioTrack);
  const soundKey = sound?.uri ? keyOf(sound.uri) : undefined;
  // Of sound alone there is nothing else to read.
  const pictureKey = isSoundOnly(variant) && soundKey !== undefined ? soundKey : keyOf(variant.uri);
  return {
    ...aboutTrack,
    pictureKey,
    ...(soundKey !== undefined && soundKey !== pictureKey && { soundKey }),
    height: heightOf(variant) || undefined,
    bandwidth: wholeNumber(variant.bandwidth),
    codecs: variant.codecs,
  };
}

/**
 * The S3 keys of all media playlists that a master playlist names, of pictures and of audio, each once.
 * @throws PermanentError as {@link chooseRendition}
 */
export function mediaPlaylistKeys(text: string, playlistKey: string, folder: string): string[] {
  const uris = variantsOf(text, playlistKey).flatMap(({ uri, audio }) => [
    uri as unknown,
    ...audio.flatMap((rendition) => rendition.uri ?? []),
  ]);
  const keys = uris.map((uri) =>
    resolveKey(typeof uri === 'string' ? uri : '', playlistKey, folder),
  );
  return [...new Set(keys)];
}

function variantsOf(text: string, playlistKey: string): readonly types.Variant[] {
  const { playlist } = parseHls(text, playlistKey, MAX_LINES);
  if (!playlist.isMasterPlaylist) {
    throw playlistInvalid(playlistKey, 'it mixes the tags of a master and a media playlist');
  }
  return (playlist as types.MasterPlaylist).variants;
}

function choose(
  variants: readonly types.Variant[],
  quality: Quality,
  audioTrack: AudioTrackChoice | undefined,
): types.Variant | undefined {
  const withPicture = variants.filter((variant) => !isSoundOnly(variant));
  if (withPicture.length === 0) return bestOf(variants, audioTrack);
  const smallest = Math.min(...withPicture.map(heightOf));
  const limit = quality === 'best' ? Number.POSITIVE_INFINITY : Math.max(quality, smallest);
  return bestOf(
    withPicture.filter((variant) => heightOf(variant) <= limit),
    audioTrack,
  );
}

/**
 * The first of the best: what follows it is there for when its host fails. Of those with the same picture, the first
 * that has the audio track.
 */
function bestOf(
  variants: readonly types.Variant[],
  audioTrack: AudioTrackChoice | undefined,
): types.Variant | undefined {
  const sorted = variants.toSorted(
    (a, b) =>
      heightOf(b) - heightOf(a) ||
      Number(isCopyable(b)) - Number(isCopyable(a)) ||
      (wholeNumber(b.bandwidth) ?? 0) - (wholeNumber(a.bandwidth) ?? 0),
  );
  const [best] = sorted;
  if (!best || audioTrack === undefined) return best;
  const isAlike = (variant: types.Variant) =>
    heightOf(variant) === heightOf(best) && isCopyable(variant) === isCopyable(best);
  return sorted.find((one) => isAlike(one) && findAudio(one.audio, audioTrack)) ?? best;
}

function chooseAudio(
  group: readonly types.Variant['audio'][number][],
  audioTrack: AudioTrackChoice | undefined,
): Pick<Rendition, 'trackInChunks' | 'warnings'> & { sound?: (typeof group)[number] } {
  const standard = defaultAudio(group);
  if (audioTrack === undefined) return { sound: standard };
  if (!standard) return { trackInChunks: audioTrack };
  const sound = findAudio(group, audioTrack);
  if (sound) return { sound };
  // What comes with the pictures may hold more than the playlist tells.
  if (!standard.uri) return { sound: standard, trackInChunks: audioTrack };
  return { sound: standard, warnings: [substituted(group, audioTrack, standard)] };
}

/** In pixels; 0 where the playlist does not tell. */
const heightOf = (variant: types.Variant): number => wholeNumber(variant.resolution?.height) ?? 0;

/** Attributes are read as any number, which the playlist need not have meant. */
const wholeNumber = (value: number | undefined): number | undefined =>
  Number.isSafeInteger(value) && value! > 0 ? value : undefined;

const isCopyable = ({ codecs = '' }: types.Variant): boolean => COPYABLE_CODECS.test(codecs);

function isSoundOnly({ codecs, resolution }: types.Variant): boolean {
  if (codecs === undefined || resolution) return false;
  return codecs.split(',').every((codec) => SOUND_CODECS.test(codec.trim()));
}
