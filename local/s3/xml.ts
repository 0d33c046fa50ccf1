import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { s3Error } from './errors.ts';

/** An element's content: undefined is left out, an array repeats the element. */
export type XmlContent = string | number | boolean | undefined | XmlElements | XmlContent[];
export interface XmlElements {
  readonly [name: string]: XmlContent;
}

/** What every response document begins with. */
export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** A whole response document. */
export function xmlDocument(root: string, content: string | XmlElements): string {
  return `${XML_DECLARATION}${xmlElement(root, content, XMLNS)}`;
}

/** An error, which S3 puts into no namespace: boto3 and the AWS CLI find no code in one. */
export function xmlError(content: XmlElements): string {
  return `${XML_DECLARATION}${xmlElement('Error', content)}`;
}

const XMLNS = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

function xmlElement(name: string, content: XmlContent, attributes = ''): string {
  if (content === undefined) return '';
  if (Array.isArray(content)) return content.map((item) => xmlElement(name, item)).join('');
  const inner =
    typeof content === 'object'
      ? Object.entries(content)
          .map(([child, value]) => xmlElement(child, value))
          .join('')
      : escapeXml(String(content));
  return `<${name}${attributes}>${inner}</${name}>`;
}

/** Control characters travel as references, as from S3: a parser would drop or normalise them. */
function escapeXml(text: string): string {
  return text.replace(/[&<>"]|\p{Cc}/gu, (character) => `&#${character.codePointAt(0)};`);
}

/** A parsed element: text, or child elements by name. */
export type ParsedXml = string | { readonly [name: string]: ParsedXml | ParsedXml[] | undefined };

const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  removeNSPrefix: true,
  htmlEntities: true,
  // 10,000 parts quote their ETags with 20,000 entities; a DOCTYPE is refused before it is parsed.
  processEntities: { enabled: true, maxTotalExpansions: 100_000 },
});

/**
 * Parses a request document.
 * @returns the content of its root element
 * @throws AwsError `MalformedXML` when it is not XML, or the root is not `root`
 */
export function parseXml(text: string, root: string): ParsedXml {
  if (text.includes('<!DOCTYPE') || XMLValidator.validate(text) !== true) {
    throw s3Error('MalformedXML');
  }
  const content = (parser.parse(text) as Record<string, ParsedXml | undefined>)[root];
  if (content === undefined) throw s3Error('MalformedXML', `The body must be a <${root}>.`);
  return content;
}

/** The child elements of this name, however many there are. */
export function children(parent: ParsedXml, name: string): ParsedXml[] {
  if (typeof parent === 'string') return [];
  const found = parent[name];
  if (found === undefined) return [];
  return Array.isArray(found) ? found : [found];
}

/** The text of the first child of this name. */
export function childText(parent: ParsedXml, name: string): string | undefined {
  const child = children(parent, name)[0];
  return typeof child === 'string' ? child : undefined;
}
