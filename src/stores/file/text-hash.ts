/**
 * 64 bits that tell texts apart which nobody made for this, as 16 hexadecimal digits. The texts of
 * one file have 64 random bits each. Node's own hashes would be loaded for it by every process that
 * only reads a session, which takes longer than the reading.
 *
 * @internal
 */
export function textHash(text: string): string {
  let high = 0x243f6a88
  let low = 0x85a308d3
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    high = Math.imul(high ^ unit, 0x9e3779b1)
    low = Math.imul(low ^ unit, 0x5f356495)
    high ^= high >>> 15
    low ^= low >>> 13
  }
  return `${hex(mixed(high ^ (low >>> 16)))}${hex(mixed(low ^ (high >>> 16)))}`
}

/** Each bit of the input changes half of the result: MurmurHash3's last step. */
function mixed(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0')
}
