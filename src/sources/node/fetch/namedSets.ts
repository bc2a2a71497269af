import type { RemoteFile } from "./options.ts";

/** A data set that can be fetched by name. */
export interface NamedSet {
  readonly name: string;
  readonly description: string;
  readonly files: readonly RemoteFile[];
  /** The file to open. Default: the folder of all files. */
  readonly main?: string;
  /** The class names, if the files only number the classes. */
  readonly classNames?: readonly string[];
}

const notMnist = (size: "small" | "large", facts: Pick<RemoteFile, "size" | "sha256">): NamedSet => ({
  name: `notmnist-${size}`,
  description: `notMNIST, ${size}: letters A to J in the fonts of the web, 28 × 28`,
  main: `notMNIST_${size}.tar.gz`,
  files: [
    {
      name: `notMNIST_${size}.tar.gz`,
      urls: [
        `https://commondatastorage.googleapis.com/books1000/notMNIST_${size}.tar.gz`,
        `http://yaroslavvb.com/upload/notMNIST/notMNIST_${size}.tar.gz`,
      ],
      ...facts,
    },
  ],
});

/** The four files that MNIST and its successors consist of. */
const mnistFiles = (
  bases: readonly string[],
  facts: readonly (readonly [size: number | undefined, sha256?: string])[],
): RemoteFile[] =>
  [
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
  ].map((name, i) => {
    const [size, sha256] = facts[i] ?? [undefined];
    return { name, urls: bases.map((base) => base + name), ...(size && { size }), ...(sha256 && { sha256 }) };
  });

/** Data sets that can be fetched by name. To add one, add a record here. */
export const namedSets: readonly NamedSet[] = [
  notMnist("small", {
    size: 8_458_043,
    sha256: "76b2ef7ccc56452964780569db37b279c9cbe1bf442c3b38be784752683b3cec",
  }),
  notMnist("large", {
    size: 247_336_696,
    sha256: "1e8261b75484b520dc76027f5c22af50fe608e3bb16277caec086eb928f9b61c",
  }),
  {
    name: "mnist",
    description: "MNIST: handwritten digits, 28 × 28",
    files: mnistFiles(
      ["https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/"],
      [
        [9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"],
        [28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"],
        [1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"],
        [4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"],
      ],
    ),
  },
  {
    name: "fashion-mnist",
    description: "Fashion-MNIST: pictures of clothes, 28 × 28",
    files: mnistFiles(
      [
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
      ],
      [[26_421_880], [29_515], [4_422_102], [5_148]],
    ),
    classNames: ["T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
  },
  {
    name: "kmnist",
    description: "Kuzushiji-MNIST: cursive Japanese characters, 28 × 28",
    files: mnistFiles(["https://codh.rois.ac.jp/kmnist/dataset/kmnist/"], []),
    classNames: ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"],
  },
];

export const namedSet = (name: string): NamedSet | undefined => namedSets.find((set) => set.name === name);
