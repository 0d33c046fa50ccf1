import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeAwsChunked } from './aws-chunked.ts';

async function decode(
  pieces: Uint8Array[],
): Promise<{ data: Buffer; trailers: Map<string, string> }> {
  async function* source() {
    for (const piece of pieces) yield Buffer.from(piece);
  }
  const trailers = new Map<string, string>();
  const data: Buffer[] = [];
  for await (const chunk of decodeAwsChunked(source(), trailers)) data.push(chunk);
  return { data: Buffer.concat(data), trailers };
}

function encode(chunks: Uint8Array[], extension: string, trailer: string): Buffer {
  const parts = [...chunks, new Uint8Array()].flatMap((chunk) => {
    const size = Buffer.from(`${chunk.length.toString(16)}${extension}\r\n`);
    return chunk.length > 0 ? [size, chunk, Buffer.from('\r\n')] : [size];
  });
  return Buffer.concat([...parts, Buffer.from(trailer)]);
}

function cut(bytes: Buffer, at: number[]): Buffer[] {
  const edges = [0, ...at.map((edge) => edge % (bytes.length + 1)).sort((a, b) => a - b)];
  return edges.map((edge, index) => bytes.subarray(edge, edges[index + 1] ?? bytes.length));
}

const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 6 });
const edges = fc.array(fc.nat(), { maxLength: 30 });

describe('aws-chunked', () => {
  it.each([
    ['unsigned, with a trailer', '', 'x-amz-checksum-crc32:AAAAAA==\r\n\r\n'],
    ['signed', `;chunk-signature=${'0'.repeat(64)}`, '\r\n'],
    [
      'signed, with a signed trailer',
      `;chunk-signature=${'f'.repeat(64)}`,
      // Line ends as in the example of the SigV4 documentation.
      `x-amz-checksum-crc32:AAAAAA==\n\r\nx-amz-trailer-signature:${'1'.repeat(64)}\r\n\r\n`,
    ],
  ])('is decoded wherever the network cuts it: %s', async (_form, extension, trailer) => {
    await fc.assert(
      fc.asyncProperty(chunks, edges, async (data, at) => {
        const decoded = await decode(cut(encode(data, extension, trailer), at));
        expect(decoded.data).toEqual(Buffer.concat(data));
        const announced = trailer.includes('crc32') ? 'AAAAAA==' : undefined;
        expect(decoded.trailers.get('x-amz-checksum-crc32')).toBe(announced);
      }),
    );
  });

  it('is refused when it is cut short before the last chunk', async () => {
    const whole = encode([Buffer.from('hello'), Buffer.from('world')], '', '\r\n');
    for (let length = 0; length < whole.indexOf('\r\n0\r\n') + 5; length++) {
      await expect(decode([whole.subarray(0, length)])).rejects.toThrow(
        expect.objectContaining({ code: 'IncompleteBody' }),
      );
    }
  });

  it.each([
    ['a size that is none', 'xyz\r\nabc\r\n0\r\n\r\n'],
    ['a chunk longer than it says', '2\r\nabc\r\n0\r\n\r\n'],
    ['a body without any encoding', 'just bytes'],
    ['a header without end', `1;${'x'.repeat(10_000)}`],
  ])('refuses %s', async (_case, body) => {
    await expect(decode([Buffer.from(body)])).rejects.toThrow(
      expect.objectContaining({ code: 'IncompleteBody' }),
    );
  });
});
