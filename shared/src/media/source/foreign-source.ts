import type { MediaWork } from '../ffmpeg/media-work.ts';
import { probeLayout } from '../sound/probe-layout.ts';
import type { Finding } from '../warnings.ts';
import { audioOf, type ForeignInput, inputForeign } from './foreign-input.ts';
import type { MediaIndex } from './media-index.ts';
import { type ProbedSource, probeSource } from './probe-source.ts';
import type { Container } from './sniff-container.ts';
import type { SoundSource, Source } from './source.ts';
import type { SoundTimes } from './timeline.ts';

/** Audio that our index cannot carry: what FFmpeg reads of it, or that it is lost. */
export interface ForeignSound {
  sound?: SoundSource;
  findings?: readonly Finding[];
}

/** What an index says, as a source. @param foreign takes the place of audio that it cannot list */
export function sourceOf(
  { pictures, sound, lacksFrames, findings = [] }: MediaIndex,
  container: Container,
  foreign: ForeignSound = {},
): Source {
  const all = [...findings, ...(foreign.findings ?? [])];
  const heard = sound ? { track: sound } : foreign.sound;
  return {
    container,
    ...(all.length > 0 ? { findings: all } : {}),
    ...(pictures ? { pictures: { track: pictures } } : {}),
    ...(lacksFrames ? { lacksFrames } : {}),
    ...(heard ? { sound: heard } : {}),
  };
}

/**
 * Tries whether FFmpeg decodes the audio of an input.
 * @param known when it is due, and that it is decoded in some layout
 */
export async function foreignSound(
  input: () => Promise<ForeignInput>,
  known: { timeline?: SoundTimes; layout?: string },
  work: MediaWork,
): Promise<ForeignSound> {
  const given = await input();
  const { timeline } = known;
  const layout =
    known.layout ?? (await probeLayout({ options: inputForeign(given) }, audioOf(given), work));
  return layout ? { sound: { input: given, timeline, layout } } : { findings: [LOST] };
}

const LOST: Finding = {
  code: 'AUDIO_LOST',
  message:
    'The audio is of a codec that cannot be decoded here: the clip is silent. Provide a track of AAC, AC-3, E-AC-3, DTS, MP3 or Opus.',
};

/**
 * A source that only FFmpeg reads.
 * @param reason why it cannot be copied
 * @throws PermanentError `CHUNK_UNDECODABLE`
 */
export async function foreignSource(
  container: Container,
  input: ForeignInput,
  reason: string,
  work: MediaWork,
): Promise<Source> {
  const probed = await probeSource(input, work);
  const { timeline, size, format, layout } = probed;
  const sound = timeline.sound ? { sound: { input, timeline: timeline.sound, layout } } : {};
  const findings = findingsOf(probed);
  return {
    container,
    ...(timeline.shown.length > 0 ? { pictures: { input, timeline, size, format, reason } } : {}),
    ...sound,
    ...(findings.length > 0 ? { findings } : {}),
  };
}

function findingsOf({ lacksKeyFrames, hasLostAudio }: ProbedSource): Finding[] {
  return [...(lacksKeyFrames ? [NO_KEY_FRAME] : []), ...(hasLostAudio ? [LOST] : [])];
}

const NO_KEY_FRAME: Finding = {
  code: 'FRAMES_MISSING',
  message:
    'The chunks hold video, but no key frame that decoding could begin at: only their audio was taken.',
};
