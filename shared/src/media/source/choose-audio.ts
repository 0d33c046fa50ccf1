import type { AudioTrackChoice } from '../output-options.ts';
import type { Finding } from '../warnings.ts';

/** What tells an audio track from others. */
export interface AudioOffer {
  /** ISO 639 or BCP 47, as the container has it. */
  language?: string;
  name?: string;
  /** For people. */
  codec?: string;
}

/** @returns the place of the track that was asked for; nothing where there is none such */
export function chosenAudio(
  offers: readonly AudioOffer[],
  choice: AudioTrackChoice,
): number | undefined {
  if (typeof choice === 'number') return offers[choice] ? choice : undefined;
  const wanted = choice.trim().toLowerCase();
  const matches: ((offer: AudioOffer) => boolean)[] = [
    ({ language }) => language !== undefined && language.toLowerCase() === wanted,
    ({ name }) => name !== undefined && name.trim().toLowerCase() === wanted,
    ({ language }) => language !== undefined && primary(language) === primary(wanted),
  ];
  for (const match of matches) {
    const place = offers.findIndex(match);
    if (place !== -1) return place;
  }
  return undefined;
}

/** The language alone: `de` of `de-CH`, and of `deu` and `ger`, which mean the same. */
function primary(language: string): string {
  try {
    return new Intl.Locale(language).language;
  } catch {
    return language.toLowerCase();
  }
}

/** Says that the track that was asked for is not there, and what there is. */
export function notThere(offers: readonly AudioOffer[], choice: AudioTrackChoice): Finding {
  const asked = typeof choice === 'number' ? `number ${choice}` : `“${choice}”`;
  return {
    code: 'TRACK_SUBSTITUTED',
    message: `There is no audio track ${asked}: the first one was taken. There are: ${listed(offers)}.`,
  };
}

/** The tracks in a row, each with the number that chooses it. */
export function listed(offers: readonly AudioOffer[]): string {
  return offers
    .map(({ language, name, codec }, place) => {
      const known = [language && language !== 'und' ? language : undefined, name, codec];
      return `${place} (${known.filter(Boolean).join(', ') || 'unnamed'})`;
    })
    .join(', ');
}
