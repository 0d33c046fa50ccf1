import type { types } from 'hls-parser';
import type { AudioTrackChoice } from '../output-options.ts';
import { shown } from './playlist-errors.ts';

type AudioRendition = types.Variant['audio'][number];

/** More names than that are of no help in a sentence. */
const MAX_NAMED = 12;

/** The audio rendition of a group that was asked for; `undefined` where there is none. */
export function findAudio(
  group: readonly AudioRendition[],
  asked: AudioTrackChoice,
): AudioRendition | undefined {
  if (typeof asked === 'number') return group[asked];
  const named = (isNamed: (rendition: AudioRendition) => boolean) => {
    const found = group.filter(isNamed);
    return found.find(({ isDefault }) => isDefault) ?? found[0];
  };
  return (
    named(({ language }) => language !== undefined && isSameLanguage(asked, language)) ??
    named(({ name }) => name.trim().toLowerCase() === asked.trim().toLowerCase())
  );
}

/** The one that players begin with. */
export const defaultAudio = (group: readonly AudioRendition[]): AudioRendition | undefined =>
  group.find(({ isDefault }) => isDefault) ?? group[0];

/** That a track which was asked for is not there, and what there is. */
export function substituted(
  group: readonly AudioRendition[],
  asked: AudioTrackChoice,
  taken: AudioRendition,
) {
  const names = group.slice(0, MAX_NAMED).map((one, place) => `${place}: ${nameOf(one)}`);
  const more = group.length > MAX_NAMED ? `, and ${group.length - MAX_NAMED} more` : '';
  const what =
    typeof asked === 'number' ? `no audio track at place ${asked}` : `no audio track "${asked}"`;
  return {
    code: 'TRACK_SUBSTITUTED' as const,
    message: `The episode has ${what}; it has ${names.join(', ')}${more}. ${nameOf(taken)} was taken.`,
  };
}

const nameOf = ({ name, language }: AudioRendition): string =>
  language ? `${shown(name)} (${language.slice(0, 20)})` : shown(name);

/** `de` is also `deu`, `ger`, `DE` and `de-AT`; `de-AT` is no other German. */
function isSameLanguage(asked: string, told: string): boolean {
  const [wanted, given] = [canonical(asked), canonical(told)];
  return given === wanted || given.startsWith(`${wanted}-`);
}

function canonical(language: string): string {
  try {
    return (Intl.getCanonicalLocales(language.trim())[0] ?? language).toLowerCase();
  } catch {
    return language.trim().toLowerCase();
  }
}
