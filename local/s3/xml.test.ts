import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { children, childText, parseXml, xmlDocument } from './xml.ts';

const malformed = expect.objectContaining({ code: 'MalformedXML' });

describe('XML', () => {
  it('repeats arrays, leaves out what is undefined, and nests', () => {
    expect(xmlDocument('R', { A: [1, 2], B: undefined, C: { D: true }, E: '' })).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
        '<R xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><A>1</A><A>2</A><C><D>true</D></C><E></E></R>',
    );
  });

  it('carries any text there and back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        expect(childText(parseXml(xmlDocument('R', { Key: text }), 'R'), 'Key')).toBe(text);
      }),
    );
    const controls = '\t a\r\n&amp;<b>\u007f ';
    expect(childText(parseXml(xmlDocument('R', { Key: controls }), 'R'), 'Key')).toBe(controls);
  });

  it('takes a list of 10,000 parts with quoted ETags', () => {
    const part = '<Part><PartNumber>1</PartNumber><ETag>&quot;abc&quot;</ETag></Part>';
    const list = `<CompleteMultipartUpload>${part.repeat(10_000)}</CompleteMultipartUpload>`;
    const parts = children(parseXml(list, 'CompleteMultipartUpload'), 'Part');
    expect(parts).toHaveLength(10_000);
    expect(childText(parts[9_999]!, 'ETag')).toBe('"abc"');
  });

  it.each(['', 'text', '<R>', '<Other/>', '<!DOCTYPE R [<!ENTITY a "b">]><R>&a;</R>'])(
    'refuses %j',
    (text) => {
      expect(() => parseXml(text, 'R')).toThrow(malformed);
    },
  );
});
