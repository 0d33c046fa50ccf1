import type { AudioTrackChoice } from '../../output-options.ts';
import { chosenAudio, listed, notThere } from '../../source/choose-audio.ts';
import type { Finding } from '../../warnings.ts';
import type { AudioTrack, Track } from './initialization.ts';

/** Codecs that nobody here decodes, and what people call them. */
const LOST_CODECS = new Map([
  ['ac-4', 'AC-4'],
  ['mha1', 'MPEG-H 3D Audio'],
  ['mha2', 'MPEG-H 3D Audio'],
  ['mhm1', 'MPEG-H 3D Audio'],
  ['mhm2', 'MPEG-H 3D Audio'],
]);

/**
 * The audio track that is taken, if there is any: the one that was asked for, else the first one that can be decoded.
 */
export function chooseAudioTrack(
  tracks: readonly Track[],
  choice?: AudioTrackChoice,
): { track?: AudioTrack; isFirst: boolean; findings: Finding[] } {
  const all = tracks.filter((track) => track.kind === 'audio');
  const offers = all.map(({ language, name, codec }) => ({ language, name, codec }));
  const place = choice === undefined ? 0 : chosenAudio(offers, choice);
  const findings: Finding[] = [];
  if (place === undefined && choice !== undefined && all.length > 0) {
    findings.push(notThere(offers, choice));
  }
  const asked = all[place ?? 0];
  if (!asked) return { isFirst: true, findings };
  const lost = LOST_CODECS.get(asked.codec);
  if (!lost) return { track: asked, isFirst: asked === all[0], findings };
  const other = all.find(({ codec }) => !LOST_CODECS.has(codec));
  findings.push(
    other
      ? {
          code: 'TRACK_SUBSTITUTED',
          message: `The audio track ${all.indexOf(asked)} is ${lost}, which cannot be decoded here: track ${all.indexOf(other)} was taken. There are: ${listed(offers)}.`,
        }
      : {
          code: 'AUDIO_LOST',
          message: `The audio is ${lost}, which cannot be decoded here: the clip is silent. Provide a track of AAC, AC-3, E-AC-3, MP3 or Opus.`,
        },
  );
  return { track: other, isFirst: other === all[0], findings };
}
