// Descriptors tell about a program or one of its streams: ISO/IEC 13818-1, 2.6, and ETSI EN 300 468, 6.2.

export const DESCRIPTOR = {
  registration: 0x05,
  language: 0x0a,
  ac3: 0x6a,
  enhancedAc3: 0x7a,
  dts: 0x7b,
  aac: 0x7c,
  /** Its first byte of content tells which. */
  extension: 0x7f,
} as const;

/** `descriptor_tag_extension`s of AC-4 and DTS-HD. */
export const EXTENSION = { dtsHd: 0x0e, ac4: 0x15 } as const;

export interface Descriptor {
  tag: number;
  /** With the tag and the length. */
  bytes: Buffer;
  content: Buffer;
}

const HEADER_BYTES = 2;

/** What is cut off at the end is left out. */
export function descriptorsIn(bytes: Buffer): Descriptor[] {
  const found: Descriptor[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const end = at + HEADER_BYTES + bytes[at + 1]!;
    if (end > bytes.length) break;
    const content = bytes.subarray(at + HEADER_BYTES, end);
    found.push({ tag: bytes[at]!, bytes: bytes.subarray(at, end), content });
    at = end;
  }
  return found;
}

/** Four letters that name a format. */
export function registrationIn(descriptors: readonly Descriptor[]): string | undefined {
  const registration = descriptors.find(({ tag }) => tag === DESCRIPTOR.registration);
  return registration?.content.toString('latin1', 0, 4);
}

/** Three letters: ISO 639-2. */
export function languageIn(descriptors: readonly Descriptor[]): string | undefined {
  const content = descriptors.find(({ tag }) => tag === DESCRIPTOR.language)?.content;
  const letters = content?.toString('latin1', 0, 3).trim();
  return letters && /^[a-z]{2,3}$/i.test(letters) ? letters.toLowerCase() : undefined;
}

const TELLING_TAGS: readonly number[] = Object.values(DESCRIPTOR).filter(
  (tag) => tag !== DESCRIPTOR.language,
);

/** The descriptors that fit into so many bytes; those that tell the codec come first. */
export function fitDescriptors(bytes: Buffer, maxBytes: number): Buffer {
  if (bytes.length <= maxBytes) return bytes;
  const isTelling = ({ tag }: Descriptor) => TELLING_TAGS.includes(tag);
  const all = descriptorsIn(bytes);
  const ordered = [...all.filter(isTelling), ...all.filter((one) => !isTelling(one))];
  const kept: Buffer[] = [];
  let length = 0;
  for (const { bytes } of ordered) {
    if (length + bytes.length > maxBytes) continue;
    kept.push(bytes);
    length += bytes.length;
  }
  return Buffer.concat(kept);
}
