/** What a decoder tells, as lines. */
import type { Received } from "../src/Received.ts"
import { canonical } from "./Canonical.ts"

/** What was received, as a line: `5`, `Violated <RootUnslicer>: ABORT received`, `Ping 3`. */
export const told = (received: Received): string => {
  switch (received._tag) {
    case "Delivered":
      return canonical(received.value)
    case "Violated":
      return `Violated ${received.violation.where}: ${received.violation.reason}`
    case "Failed":
      return `Failed ${received.error.where}: ${received.error.reason}`
    case "PeerError":
      return `PeerError ${received.text}`
    default:
      return `${received._tag} ${received.number}`
  }
}
