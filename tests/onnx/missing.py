"""What the operators are for that have no counterpart of ours."""

FAMILIES = {
    "recurrent networks": "GRU LSTM RNN",
    "language models' own steps": "CausalConvWithState LinearAttention RotaryEmbedding TensorScatter",
    "quantised numbers": "ConvInteger DequantizeLinear DynamicQuantizeLinear MatMulInteger QLinearConv QLinearMatMul QuantizeLinear",
    "programs within programs: branches and loops": "If Loop Scan SequenceMap",
    "sequences, optional values and text":
        "OptionalGetElement OptionalHasElement ReverseSequence SequenceInsert SequenceEmpty SequenceLength SplitToSequence "
        "StringConcat StringNormalizer StringSplit RegexFullMatch TfIdfVectorizer",
    "tables and trees of classical learning": "ArrayFeatureExtractor LabelEncoder TreeEnsemble",
    "bits": "BitCast BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor",
    "logic and equality": "And Equal IsInf IsNaN Not Or Xor",
    "trigonometry": "Acos Acosh Asin Asinh Atan Atanh Cos Cosh Sin Sinh Tan",
    "rounding and remainders": "Ceil Floor Mod Round",
    "where the largest is, what is there how often": "ArgMax ArgMin Compress Hardmax NonZero TopK Unique",
    "detection of objects": "NonMaxSuppression RoiAlign MaxRoiPool",
    "warping images along a grid": "AffineGrid GridSample DeformConv",
    "other layers on images": "Col2Im LRN LpPool MaxUnpool",
    "signals and windows": "BlackmanWindow DFT HammingWindow HannWindow MelWeightMatrix STFT",
    "running sums and products, determinants": "CumProd CumSum Det ReduceProd",
    "matrices by their indices": "EyeLike Range Trilu",
    "looking up single elements": "GatherElements GatherND Scatter ScatterElements",
    "reading image files within a program (our data sets do)": "ImageDecoder",
    "optimisers that we have not": "Adagrad",
}
RANDOM = "Bernoulli RandomNormal RandomNormalLike RandomUniform RandomUniformLike Multinomial"
STATIC = "Shape Size"

FAMILY_OF = {name: family for family, names in FAMILIES.items() for name in names.split()}
