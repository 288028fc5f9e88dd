/**
 * ManyIdentities: more certificates than there is time to make keys for. All have the key of a first one and differ in the
 * name inside. Plain Node, so that a process without Effect can have them.
 */
import { createPrivateKey, sign, X509Certificate } from "node:crypto"

/** What a Tub is, in PEM. */
export interface Pem {
  readonly certificate: string
  readonly key: string
}

/** The name in a certificate as Foolscap and we make it, and of the length of every name below: nothing else changes. */
const written = Buffer.from("newpb_thingy")

const SEQUENCE = 0x30
const BIT_STRING = 0x03

/** So many identities with the key of this one, which has to be one for P-256. */
export const vary = ({ certificate, key }: Pem, count: number): ReadonlyArray<Pem> => {
  const [body, algorithm] = elementsOf(new X509Certificate(certificate).raw)
  if (body === undefined || algorithm === undefined) throw new Error("a certificate has three parts")
  const signing = createPrivateKey(key)
  return Array.from({ length: count }, (_, at) => {
    const named = Buffer.from(body)
    const name = Buffer.from(`peer${String(at).padStart(8, "0")}`)
    for (let found = named.indexOf(written); found !== -1; found = named.indexOf(written)) name.copy(named, found)
    const signature = element(BIT_STRING, Buffer.from([0]), sign("sha256", named, signing))
    return { certificate: new X509Certificate(element(SEQUENCE, named, algorithm, signature)).toString(), key }
  })
}

const element = (tag: number, ...parts: ReadonlyArray<Uint8Array>): Buffer => {
  const body = Buffer.concat(parts)
  const { length } = body
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}

/** What is in a sequence. */
const elementsOf = (der: Buffer): ReadonlyArray<Buffer> => {
  const found: Array<Buffer> = []
  let at = bodyOf(der, 0).begin
  while (at < der.length) {
    const { end } = bodyOf(der, at)
    found.push(der.subarray(at, end))
    at = end
  }
  return found
}

const bodyOf = (der: Buffer, at: number): { readonly begin: number; readonly end: number } => {
  const first = der.readUInt8(at + 1)
  const more = first < 0x80 ? 0 : first & 0x7f
  const begin = at + 2 + more
  return { begin, end: begin + (more === 0 ? first : der.readUIntBE(at + 2, more)) }
}
