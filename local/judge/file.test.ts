import { describe, expect, it } from 'vitest';
import { judgePackets } from './file.ts';

describe('judgePackets', () => {
  const packet = (stream_index: number, dts: number, pts = dts) => ({ stream_index, dts, pts });

  it('accepts streams that each rise, however they are interleaved', () => {
    const packets = [packet(0, 0, 20), packet(1, 0), packet(0, 10, 10), packet(1, 5)];
    expect(judgePackets(packets)).toEqual({ dtsMonotonic: true, ptsBeforeDts: 0 });
  });

  it('tells two packets of a stream with one decoding time', () => {
    expect(judgePackets([packet(0, 10), packet(0, 10)]).dtsMonotonic).toBe(false);
  });

  it('tells a packet without time stamps', () => {
    expect(judgePackets([packet(0, 10), { stream_index: 0, pts: 20 }]).dtsMonotonic).toBe(false);
  });

  it('counts packets that are presented before they are decoded', () => {
    expect(judgePackets([packet(0, 10), packet(0, 20, 15)]).ptsBeforeDts).toBe(1);
  });
});
