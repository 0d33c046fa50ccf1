/**
 * Cuts a text off where it would take more room than that in an event, and marks the cut with `…`.
 * @param maxBytes of the text as JSON holds it, in UTF-8, without its quotes: escapes count too, so that
 * no text can make an event larger than was planned for
 */
export function truncate(text: string, maxBytes: number): string {
  let bytes = 0;
  let length = 0;
  /** Up to where the text and the mark both fit. */
  let lengthBeforeMark = 0;
  for (const character of text) {
    bytes += jsonBytes(character);
    if (bytes > maxBytes) return `${text.slice(0, lengthBeforeMark)}${MARK}`;
    length += character.length;
    if (bytes + MARK_BYTES <= maxBytes) lengthBeforeMark = length;
  }
  return text;
}

const MARK = '…';

const jsonBytes = (text: string) => Buffer.byteLength(JSON.stringify(text)) - '""'.length;

const MARK_BYTES = jsonBytes(MARK);
