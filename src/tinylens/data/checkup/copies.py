"""Copies: images that show the very same picture, pixel by pixel or after small changes.

Two steps. First every pair of images is compared by what is coarse in it: the low frequencies of its brightness (a
discrete cosine transform), each weighted with its frequency, because in photographs the energy falls with it, so that
all count alike; the cosine of two such vectors does not depend on brightness and contrast, and little on JPEG, size and
shifts by a pixel; of few images each is compared with the others shifted by two pixels, enlarged and shrunk too.
A mirrored image has the same vector with some signs changed, so mirrored copies cost nothing more.
Then the pairs that are alike are compared in detail: the best correlation of the middle of one, sharpened, with any
place of the other, shifted by up to three pixels and either enlarged or none. Both are matrix products and Fourier
transforms, so that 60,000 images can be compared with each other.

What counts as near was set by looking at pairs of CIFAR-10, which docs/data-check.md tells of; more is asked where all
images of a set are alike, as digits are. Images almost without structure are compared pixel by pixel only. Rotated
copies, and crops by more than about a tenth, are not found.
"""

import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Int, UInt8

SIDE = 32  # pixels to which images are brought to be compared
COARSE = 12  # frequencies each way in the first step
ALIKE, OF_FEW = 0.6, 0.5  # cosine from which on a pair is compared in detail, and where images are shifted for it too
SLACK = 0.2  # by which a pair may be less alike in the first step than two images of its set are by chance
SHIFT, FEW = 2, 10_000  # pixels by which an image is shifted each way for the first step too, of so many images at most
OTHERS, FEWEST = 2000, 100  # images that each is held against to learn how alike any two are, see `by_chance`
DRAWN, MARGIN = 0.7, 1.4  # half the images that much alike by chance: a set of drawings, whose tails are longer, in z
OWN = 10  # of these so many may be an image itself and its copies
NEAR, LITTLE = 0.715, 0.1  # a pair is one picture from NEAR - LITTLE * ln(spread) on, see `needed`
ENOUGH = 0.98  # correlation that is enough in any case: an image with a small thing in it can be saved anew too
ALL_BUT = 0.9999  # a correlation whose z is finite
FLAT = 2.0  # levels: root mean square of the weighted low frequencies, below which an image has no structure
POWER, FINE = 1.5, 8.0  # what a frequency counts in detail: this power of it, and beyond the other little
WINDOW = 26  # pixels a side of the middle that is looked for in the other image
EMPTY = 1e-4  # share of the energy of an image, below which a window has nothing in it but rounding errors
ZOOM = 1.12  # by which either image is enlarged, to find crops
BLOCK = 2048  # images compared with as many at a time: 16 MB
PAIRS = 1024  # pairs compared in detail at a time: 4 MB
MOST = 100_000  # pairs that are compared in detail at most, the likest of all

Part = tuple[np.ndarray, np.ndarray]  # spectra of images or of their middles, and energies


@dataclass(frozen=True, eq=False)
class Copies:
    """Which images are copies of which.

    first: for each image the first one with equal pixels. pairs: near copies among these first ones, each pair once.
    similarity: of each pair, up to 1. mirrored: whether one is the mirror image of the other.
    """

    first: Int[np.ndarray, " n"]
    pairs: Int[np.ndarray, "p 2"]
    similarity: Float32[np.ndarray, " p"]
    mirrored: Bool[np.ndarray, " p"]

    def between(self, inside: Bool[np.ndarray, " n"], among: Bool[np.ndarray, " n"]) -> "Found":
        """The images of one set that have a copy in another set, which shares none with it, each with its likest."""
        member = np.full(len(self.first), -1)
        chosen = np.flatnonzero(among)[::-1]
        member[self.first[chosen]] = chosen  # of each first one its first copy in the other set
        order = np.argsort(self.similarity, kind="stable")
        both_ways = np.concatenate([self.pairs[order], self.pairs[order, ::-1]], axis=1).reshape(-1, 2)
        usable = member[both_ways[:, 1]] >= 0
        both_ways, numbers = both_ways[usable], order.repeat(2)[usable]
        likest = np.full(len(self.first), -1)
        likest[both_ways[:, 0]] = np.arange(len(both_ways))  # the last one written stays, and is the likest
        positions = np.flatnonzero(inside)
        equal, near = member[self.first[positions]], likest[self.first[positions]]
        found = (equal >= 0) | (near >= 0)
        positions, equal, near = positions[found], equal[found], near[found]
        same = equal >= 0
        partners, similarity = equal, np.ones(len(equal), np.float32)
        mirrored = np.zeros(len(equal), bool)
        partners[~same] = member[both_ways[near[~same], 1]]
        similarity[~same] = self.similarity[numbers[near[~same]]]
        mirrored[~same] = self.mirrored[numbers[near[~same]]]
        return Found(positions, partners, same, similarity, mirrored)

    def groups(self, inside: Bool[np.ndarray, " n"], *, near: bool) -> list[Int[np.ndarray, " g"]]:
        """The images of one set that are copies of each other, also over others of the set; groups of two at least.

        near: whether near copies count, or only equal ones.
        """
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        total = len(self.first)
        edges = [np.stack([np.arange(total), self.first], axis=1)[inside]]  # an image with its first one, in or out
        if near:
            here = np.zeros(total, bool)
            here[self.first[inside]] = True
            edges.append(self.pairs[here[self.pairs].all(axis=1)])
        rows, columns = np.concatenate(edges).T
        graph = coo_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(total, total))
        names = connected_components(graph, directed=False)[1][inside]
        positions = np.flatnonzero(inside)
        order = np.argsort(names, kind="stable")
        parts = np.split(positions[order], np.flatnonzero(np.diff(names[order])) + 1)
        return [part for part in parts if len(part) > 1]


@dataclass(frozen=True, eq=False)
class Found:
    """Images that have a copy elsewhere: where, whether it is equal pixel by pixel, how alike, whether mirrored."""

    positions: Int[np.ndarray, " f"]
    partners: Int[np.ndarray, " f"]
    equal: Bool[np.ndarray, " f"]
    similarity: Float32[np.ndarray, " f"]
    mirrored: Bool[np.ndarray, " f"]

    def __len__(self) -> int:
        return len(self.positions)


def find_copies(batches: Iterable[UInt8[np.ndarray, "_ h w 3"]], *, shifts: bool = True) -> Copies:
    """Compare every image with every other. The time grows with the square of their number.

    shifts: whether images are shifted, enlarged and shrunk for the first step too, which takes eleven times as long.
    """
    firsts: dict[bytes, int] = {}
    first: list[int] = []
    coarse, images, spreads = [], [], []
    moved: list[list[np.ndarray]] = []
    for batch in batches:
        start = len(first)
        first += [firsts.setdefault(digest(image), start + i) for i, image in enumerate(batch)]
        new = np.array([i for i in range(len(batch)) if first[start + i] == start + i], dtype=np.int64)
        if not len(new):
            continue
        spectra = spectrum(batch[new])
        coarse.append(direction(spectra))
        images.append(sharpened(spectra))
        spreads.append(spread(images[-1]))
        if shifts:
            moved.append([direction(one) for one in changed(spectra)])
    chosen, vectors = np.unique(first), np.concatenate(coarse)
    usual = by_chance(vectors)
    pairs = alike(vectors, [np.concatenate(parts) for parts in zip(*moved, strict=True)], usual - SLACK)
    similarity, mirrored = compare(np.concatenate(images), pairs)
    least = needed(np.concatenate(spreads)[pairs].min(axis=1))
    near = similarity >= np.maximum(least, beyond(usual)[pairs].max(axis=1))
    return Copies(np.array(first), chosen[pairs[near]], similarity[near], mirrored[near])


def digest(image: UInt8[np.ndarray, "h w 3"]) -> bytes:
    """A hash of an image's pixels."""
    return hashlib.blake2b(image.tobytes(), digest_size=16).digest()


def spectrum(images: UInt8[np.ndarray, "b h w 3"]) -> Float32[np.ndarray, "b side side"]:
    """The cosine transform of each image's brightness, as it would be at SIDE x SIDE pixels, in their levels."""
    from scipy.fft import dctn

    grey = images.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    found = dctn(grey, axes=(1, 2), norm="ortho")[:, :SIDE, :SIDE]
    scaled = found * np.float32(SIDE / np.sqrt(grey.shape[1] * grey.shape[2]))
    return np.pad(scaled, ((0, 0), (0, SIDE - found.shape[1]), (0, SIDE - found.shape[2])))


def sharpened(spectra: Float32[np.ndarray, "b side side"]) -> Float32[np.ndarray, "b side side"]:
    """Images with their middle frequencies raised and the highest, which are noise, lowered, from their spectra."""
    from scipy.fft import idctn

    each = np.arange(SIDE, dtype=np.float32)
    square = each[:, None] ** 2 + each[None] ** 2
    return idctn(spectra * square ** (POWER / 2) * np.exp(-square / (2 * FINE**2)), axes=(1, 2), norm="ortho")


def spread(images: Float32[np.ndarray, "b side side"]) -> Float32[np.ndarray, " b"]:
    """Over what share of its pixels the structure of a sharpened image is spread: the participation ratio, 0 to 1."""
    energy = images**2
    total, peaks = energy.sum(axis=(1, 2)), (energy**2).sum(axis=(1, 2))
    return np.maximum(total**2 / np.maximum(peaks, 1e-6) / SIDE**2, 1 / SIDE**2).astype(np.float32)


def needed(spreads: Float32[np.ndarray, " p"]) -> Float32[np.ndarray, " p"]:
    """The correlation from which on a pair is one picture, by the spread of the one with less of it.

    Two ships on flat water correlate well, since there is nothing but two dark strips: little structure proves little.
    """
    return np.minimum(NEAR - LITTLE * np.log(spreads), ENOUGH).astype(np.float32)


def by_chance(vectors: Float32[np.ndarray, "n d"]) -> Float32[np.ndarray, " n"]:
    """How alike some two of so many images will be that are no copies, in each one's terms; 0 for few images.

    Digits in boxes are more alike than photographs. Each image is held against OTHERS from all over the set. The tail
    of these cosines, of which Fisher's z is nearly normal, is carried on from where the 5th and the 1st in 100 lie to
    where one in all pairs would; the first OWN of them may be the image itself and its copies, and say nothing.
    """
    from scipy.stats import norm

    others = vectors[np.unique(np.linspace(0, len(vectors) - 1, min(OTHERS, len(vectors))).astype(int))]
    if len(others) < FEWEST:
        return np.zeros(len(vectors), np.float32)
    first = max(OWN, len(others) // 100)
    near, far, farthest = norm.isf([5 * first / len(others), first / len(others), 2 / len(vectors) ** 2])
    found = []
    for i in range(0, len(vectors), BLOCK):
        ranked = np.sort(cosines(vectors[i : i + BLOCK], others), axis=1)
        low, high = np.arctanh(np.minimum(ranked[:, [-5 * first, -first]], ENOUGH)).T
        found.append(np.tanh(high + (high - low) * (farthest - far) / (far - near)))
    return np.concatenate(found).astype(np.float32)


def beyond(usual: Float32[np.ndarray, " n"]) -> Float32[np.ndarray, " n"]:
    """How alike two images must be to be no two by chance: of drawings MARGIN times as much, in Fisher's z.

    The images of one class of drawings are more alike than those of others, so that a normal tail that is carried on
    from all of them ends too early.
    """
    if np.median(usual) < DRAWN:
        return usual
    return np.tanh(MARGIN * np.arctanh(np.minimum(usual, ALL_BUT)))


def direction(spectra: Float32[np.ndarray, "b side side"]) -> Float32[np.ndarray, "b d"]:
    """The weighted low frequencies as a vector of length 1; zeros where there is too little structure.

    First those that are the same in the mirror image, then those that change their sign.
    """
    each = np.arange(COARSE, dtype=np.float32)
    weighted = spectra[:, :COARSE, :COARSE] * np.sqrt(each[:, None] ** 2 + each[None] ** 2)
    parts = (weighted[:, :, ::2], weighted[:, :, 1::2])
    vectors = np.concatenate([part.reshape(len(spectra), -1) for part in parts], axis=1)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.where(lengths >= FLAT * SIDE, vectors / np.maximum(lengths, 1e-6), 0).astype(np.float32)


def changed(spectra: Float32[np.ndarray, "b side side"]) -> list[Float32[np.ndarray, "b side side"]]:
    """The spectra of images shifted by SHIFT pixels in each of eight directions, enlarged and shrunk.

    The edge is repeated beyond itself.
    """
    from scipy.fft import dctn, idctn

    images = idctn(spectra, axes=(1, 2), norm="ortho")
    wide = np.pad(images, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT)), mode="edge")
    places = [(y, x) for y in (0, SHIFT, 2 * SHIFT) for x in (0, SHIFT, 2 * SHIFT) if (y, x) != (SHIFT, SHIFT)]
    found = [wide[:, y : y + SIDE, x : x + SIDE] for y, x in places]
    return [dctn(one, axes=(1, 2), norm="ortho") for one in [*found, enlarged(images), enlarged(images, 1 / ZOOM)]]


def alike(
    vectors: Float32[np.ndarray, "n d"],
    moved: Sequence[Float32[np.ndarray, "n d"]],
    bounds: Float32[np.ndarray, " n"],
) -> Int[np.ndarray, "p 2"]:
    """The pairs whose coarse vectors, or that of one with the mirrored other, have at least the cosine wanted.

    moved: other vectors of the same images; the best of each pair counts. bounds: what each image asks of its pairs.
    Of more than MOST pairs only the likest.
    """
    found, values, least = [], [], np.float32(OF_FEW if moved else ALIKE)
    for i in range(0, len(vectors), BLOCK):
        for j in range(i, len(vectors), BLOCK):
            one = vectors[i : i + BLOCK]
            same = cosines(one, vectors[j : j + BLOCK])
            for other in moved:
                np.maximum(same, cosines(one, other[j : j + BLOCK]), out=same)
            rows, columns = np.divmod(np.flatnonzero(same >= least), same.shape[1])
            enough = same[rows, columns] >= np.maximum(bounds[rows + i], bounds[columns + j])
            later = enough & (rows + i < columns + j)
            rows, columns = rows[later], columns[later]
            found.append(np.stack([rows + i, columns + j], axis=1))
            values.append(same[rows, columns])
            if sum(map(len, values)) > 2 * MOST:  # at once, lest they fill the memory where all images are alike
                found, values, least = likest(found, values)
    found, values, _ = likest(found, values)
    return found[0]


def cosines(one: Float32[np.ndarray, "b d"], other: Float32[np.ndarray, "c d"]) -> Float32[np.ndarray, "b c"]:
    """Of each with each the higher one of the cosines with the other and with its mirror image."""
    half = one.shape[1] // 2
    same, turned = one[:, :half] @ other[:, :half].T, one[:, half:] @ other[:, half:].T
    same += np.abs(turned, out=turned)
    return same


def likest(found: list[np.ndarray], values: list[np.ndarray]) -> tuple[list[np.ndarray], list[np.ndarray], np.float32]:
    """At most MOST of the pairs with their values, the highest, and the least that is among these."""
    pairs, all_values = np.concatenate(found), np.concatenate(values)
    if len(pairs) <= MOST:
        return [pairs], [all_values], all_values.min(initial=1)
    kept = np.sort(np.argpartition(-all_values, MOST)[:MOST])
    return [pairs[kept]], [all_values[kept]], all_values[kept].min()


def compare(
    images: Float32[np.ndarray, "n side side"], pairs: Int[np.ndarray, "p 2"]
) -> tuple[Float32[np.ndarray, " p"], Bool[np.ndarray, " p"]]:
    """Of each pair how alike it is in detail, and whether that is one with the mirror image of the other."""
    similarity, mirrored = np.zeros(len(pairs), np.float32), np.zeros(len(pairs), bool)

    def judge(start: int) -> None:
        part = slice(start, start + PAIRS)
        one, other = images[pairs[part, 0]], images[pairs[part, 1]]
        around, zoomed = surroundings(other), surroundings(enlarged(other))
        straight, turned = (correlation(each, around, zoomed) for each in (one, one[:, :, ::-1]))
        similarity[part], mirrored[part] = np.maximum(straight, turned), turned > straight

    with ThreadPoolExecutor() as pool:  # numpy and scipy let other threads run while they count
        list(pool.map(judge, range(0, len(pairs), PAIRS)))
    return similarity, mirrored


def correlation(images: Float32[np.ndarray, "b side side"], around: Part, zoomed: Part) -> Float32[np.ndarray, " b"]:
    """The best correlation of the middle of each image with a place of its partner, either enlarged or none."""
    own = middle(images)
    sides = ((own, around), (middle(enlarged(images)), around), (own, zoomed))
    return np.maximum.reduce([best_place(one, other) for one, other in sides])


def middle(images: Float32[np.ndarray, "b side side"]) -> Part:
    """The conjugate spectrum of the middle of each image, less its mean, and its energy."""
    from scipy.fft import rfft2

    border = (SIDE - WINDOW) // 2
    inner = np.zeros(images.shape, np.float32)
    cut = images[:, border : border + WINDOW, border : border + WINDOW]
    inner[:, :WINDOW, :WINDOW] = cut - cut.mean(axis=(1, 2), keepdims=True)
    return np.conj(rfft2(inner)), (inner**2).sum(axis=(1, 2))[:, None, None]


def surroundings(images: Float32[np.ndarray, "b side side"]) -> Part:
    """The spectrum of each image, and the energy of each of its windows, less its mean."""
    from scipy.fft import rfft2

    power = images**2
    sums, squares = window_sums(images), window_sums(power)
    least = EMPTY * power.sum(axis=(1, 2))[:, None, None]
    return rfft2(images), np.maximum(squares - sums**2 / WINDOW**2, least)


def best_place(middles: Part, around: Part) -> Float32[np.ndarray, " b"]:
    """The best correlation of each middle with any window of its partner, by Fourier transforms."""
    from scipy.fft import irfft2

    places = SIDE - WINDOW + 1
    products = irfft2(middles[0] * around[0], s=(SIDE, SIDE))[:, :places, :places]
    return (products / np.sqrt(np.maximum(middles[1] * around[1], 1e-6))).max(axis=(1, 2)).astype(np.float32)


def window_sums(images: Float32[np.ndarray, "b side side"]) -> Float32[np.ndarray, "b m m"]:
    """The sum of each window of WINDOW x WINDOW pixels."""
    total = np.pad(images.cumsum(axis=1).cumsum(axis=2), ((0, 0), (1, 0), (1, 0)))
    low, high = slice(0, SIDE - WINDOW + 1), slice(WINDOW, SIDE + 1)
    return total[:, high, high] - total[:, low, high] - total[:, high, low] + total[:, low, low]


def enlarged(images: Float32[np.ndarray, "b side side"], zoom: float = ZOOM) -> Float32[np.ndarray, "b side side"]:
    """The middle of each image, enlarged to the whole, by linear interpolation; shrunk, with its edge repeated."""
    place = ((np.arange(SIDE) - (SIDE - 1) / 2) / zoom + (SIDE - 1) / 2).clip(0, SIDE - 1)
    weights = np.maximum(1 - np.abs(place[:, None] - np.arange(SIDE)), 0).astype(np.float32)
    return weights @ images @ weights.T
