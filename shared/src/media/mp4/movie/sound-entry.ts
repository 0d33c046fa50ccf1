import { NotCopyableError } from '../../not-copyable.ts';
import type { AdtsHeader } from '../../packed-audio/adts.ts';
import { box, fullBox, uint16, uint32, zeros } from './box-writer.ts';

// What a file says about its sound: ISO/IEC 14496-12, 12.2, and 14496-14, 5.6.

const SAMPLE_BITS = 16;
const ONE_16_16 = 0x10000;

/** Tags of descriptors: ISO/IEC 14496-1, 7.2.2.1. */
const TAGS = { stream: 3, decoder: 4, decoderSpecific: 5, synchronisation: 6 };
/** `objectTypeIndication` of AAC, and an audio stream that goes downwards. */
const AAC = 0x40;
const AUDIO_STREAM = 0x15;
/** As in every MP4 file. */
const SYNCHRONISED_BY_FILE = 2;

/** Always so, whatever there is: the decoder's part tells it. ISO/IEC 14496-14, 5.6.1. */
const CHANNELS = 2;

/**
 * The `stsd` box of AAC.
 * @param header of any of its frames: they are all alike
 * @throws NotCopyableError when the frames themselves say which channels there are
 */
export function describeSound(header: AdtsHeader): Buffer {
  const { objectType, frequencyIndex, channelConfig, sampleRate } = header;
  if (channelConfig === 0)
    throw new NotCopyableError('the sound does not say how many channels it has');
  const config = uint16((objectType << 11) | (frequencyIndex << 7) | (channelConfig << 3));
  const entry = box(
    'mp4a',
    zeros(6),
    uint16(1), // where the data is: the first reference
    zeros(8),
    uint16(CHANNELS, SAMPLE_BITS, 0, 0),
    // Rates that do not fit are told by the decoder's part alone.
    uint32(sampleRate < ONE_16_16 ? sampleRate * ONE_16_16 : 0),
    fullBox('esds', {}, streamDescriptor(config)),
  );
  return fullBox('stsd', {}, uint32(1), entry);
}

function streamDescriptor(config: Buffer): Buffer {
  const decoder = descriptor(
    TAGS.decoder,
    Buffer.from([AAC, AUDIO_STREAM]),
    zeros(3), // the size of a decoder's buffer, and below the bit rates: not told
    zeros(8),
    descriptor(TAGS.decoderSpecific, config),
  );
  const synchronisation = descriptor(TAGS.synchronisation, Buffer.from([SYNCHRONISED_BY_FILE]));
  return descriptor(TAGS.stream, uint16(0), zeros(1), decoder, synchronisation);
}

/** None of ours is longer than its length's first seven bits can tell. */
const descriptor = (tag: number, ...parts: readonly Buffer[]) => {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, content.length]), content]);
};
