/** Where this decoder does something else than Foolscap did with a recorded stream, by the name of the vector, and why. */

/** What Foolscap tells a peer when it has run into an exception that its authors did not foresee. */
export const genericText = "exception while processing data, more information in the logfiles"

/** What is told instead: where, and why. */
export const reasons: Readonly<Record<string, string>> = {
  "VOCAB out of range": "BananaError(in <RootUnslicer>): ('unknown vocab index 99',)",
  "VOCAB with table 0": "BananaError(in <RootUnslicer>): ('unknown vocab index 0',)",
  "opentype not utf8": "BananaError(in <RootUnslicer>): ('an index word that is not UTF-8',)",
  "unicode bad utf8": "BananaError(in <RootUnslicer>.<unicode>): ('a text that is not UTF-8',)",
  "unicode surrogate utf8": "BananaError(in <RootUnslicer>.<unicode>): ('a text that is not UTF-8',)",
  "decimal garbage": "BananaError(in <RootUnslicer>.<decimal>): ('a decimal that is no number',)",
  "set with list": "BananaError(in <RootUnslicer>.{0}): (\"unhashable member '[]' of a set\",)",
  "reference forward": "BananaError(in <RootUnslicer>.[0].??): (\"dangling reference '5'\",)",
  "reference to a string's number": "BananaError(in <RootUnslicer>.[1].??): (\"dangling reference '1'\",)",
  "reference empty": "BananaError(in <RootUnslicer>.[0].??): ('a reference to nothing',)",
  "same with written number": "BananaError(in <RootUnslicer>.[1].??): (\"dangling reference '51'\",)"
}

const digits = "BananaError(in <RootUnslicer>): ('token prefix is limited to 64 bytes',)"

/** The digits themselves are not repeated to whoever sent them: at 300 of them Foolscap runs into the limit of its own ERROR. */
export const digitTexts: Readonly<Record<string, string>> = {
  "INT 65 header digits": digits,
  "65 header digits, no type byte yet": digits,
  "300 zero header digits": digits
}

/** What is delivered instead. */
export const objects: Readonly<Record<string, ReadonlyArray<string>>> = {
  // Foolscap delivers the tuple that it makes a frozenset of. Nobody could want that, and no Foolscap sends it.
  "reference to frozenset": ["[frozenset{1}, frozenset{1}]"]
}
