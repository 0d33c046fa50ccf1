export type Container = 'mpegts' | 'fmp4' | 'packed-audio';

/** So many first bytes are enough to tell. */
export const SNIFFED_BYTES = 189;

const PACKET_BYTES = 188;
const SYNC_BYTE = 0x47;

/** Boxes with which chunks and init sections of fragmented MP4 begin. */
const FIRST_BOXES = ['ftyp', 'styp', 'moof', 'moov', 'sidx', 'emsg', 'prft'];

/** Tells from its first bytes what a chunk is packed in; a name may lie. */
export function sniffContainer(beginning: Buffer): Container | undefined {
  if (FIRST_BOXES.includes(beginning.toString('latin1', 4, 8))) return 'fmp4';
  if (holdsPackets(beginning)) return 'mpegts';
  if (isPackedAudio(beginning)) return 'packed-audio';
  const hasSync = beginning[0] === SYNC_BYTE;
  const isInStep = beginning.length <= PACKET_BYTES || beginning[PACKET_BYTES] === SYNC_BYTE;
  return hasSync && isInStep ? 'mpegts' : undefined;
}

/** From packet to packet, as broadcasters, recorders and modulators have them. */
const STRIDES = [188, 192, 204];
const PACKETS_TO_TELL = 5;

/** Whether packets begin near the beginning, with a time or the rest of another packet in front. */
function holdsPackets(beginning: Buffer): boolean {
  return STRIDES.some((stride) => {
    const last = Math.min(stride, beginning.length - PACKETS_TO_TELL * stride);
    for (let at = 0; at < last; at++) {
      let packets = 0;
      while (packets < PACKETS_TO_TELL && beginning[at + packets * stride] === SYNC_BYTE) packets++;
      if (packets === PACKETS_TO_TELL) return true;
    }
    return false;
  });
}

/** An ID3 tag, or the sync word of ADTS and MP3 (eleven ones) or of AC-3. */
function isPackedAudio(beginning: Buffer): boolean {
  if (beginning.length < 3) return false;
  if (beginning.toString('latin1', 0, 3) === 'ID3') return true;
  const word = beginning.readUInt16BE(0);
  return word >> 5 === 0x7ff || word === 0x0b77;
}
