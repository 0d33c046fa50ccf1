import type { ByteReader } from '../../source/file-reader.ts';
import type { Place } from '../../source/media-index.ts';
import { PACKET_BYTES, readPacketHeader, readPid } from './packets.ts';
import { readPesHeader } from './pes.ts';

/** What a stream's packets in a place carry, without any headers: one PES packet, or some. */
export async function readPayload(
  reader: ByteReader,
  files: readonly string[],
  pid: number,
  { file, start, end }: Place,
): Promise<Buffer> {
  const packets = await reader.read(files[file]!, start, end);
  // Written over the packets it comes from, which are ahead of it at all times, and are read once.
  let length = 0;
  let limit = Number.POSITIVE_INFINITY;
  for (let at = 0; at + PACKET_BYTES <= packets.length; at += PACKET_BYTES) {
    if (readPid(packets, at) !== pid) continue;
    const header = readPacketHeader(packets, at);
    const to = at + PACKET_BYTES;
    const pes = header.isStart ? readPesHeader(packets, header.payloadAt, to) : undefined;
    if (pes) limit = length + (pes.payloadBytes ?? Number.POSITIVE_INFINITY);
    const from = pes?.payloadAt ?? header.payloadAt;
    length += packets.copy(packets, length, from, Math.min(to, from + limit - length));
  }
  return packets.subarray(0, length);
}
