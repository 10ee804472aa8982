package world

import (
	"math"
	"math/rand/v2"
	"time"
)

// seed is a place in the tree of all random numbers. What is drawn at one place depends on nothing drawn at another,
// so that any moment of the simulated world can be computed without the ones before it.
type seed uint64

// mix scrambles 64 bits (the finisher of splitmix64).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// of returns the place below s with this name.
func (s seed) of(name string) seed {
	h := uint64(s)
	for i := range len(name) {
		h = mix(h ^ uint64(name[i]))
	}
	return seed(mix(h + uint64(len(name))))
}

// at returns the n-th place below s.
func (s seed) at(n int64) seed { return seed(mix(mix(uint64(s)) ^ uint64(n))) }

// rand returns the numbers that are drawn here.
func (s seed) rand() *rand.Rand { return rand.New(rand.NewPCG(uint64(s), mix(uint64(s)))) }

// unit returns the one number in [0, 1) of this place.
func (s seed) unit() float64 { return float64(mix(uint64(s))>>11) / (1 << 53) }

// smooth is a wave in [-1, 1] without a pattern: random at every multiple of period, gentle in between.
func (s seed) smooth(t time.Time, period time.Duration) float64 {
	ms := t.UnixMilli()
	n := floorDiv(ms, period.Milliseconds())
	x := float64(ms-n*period.Milliseconds()) / float64(period.Milliseconds())
	x = (1 - math.Cos(math.Pi*x)) / 2
	return 2*(s.at(n).unit()*(1-x)+s.at(n+1).unit()*x) - 1
}

// poisson draws how many of rare, independent things happen when mean is expected.
func poisson(r *rand.Rand, mean float64) int {
	switch {
	case mean <= 0:
		return 0
	case mean > 60: // close enough to a normal distribution
		return max(0, int(math.Round(mean+math.Sqrt(mean)*r.NormFloat64())))
	}
	limit, n := math.Exp(-mean), 0
	for p := r.Float64(); p > limit; p *= r.Float64() {
		n++
	}
	return n
}

// between draws evenly from [a, b).
func between(r *rand.Rand, a, b float64) float64 { return a + (b-a)*r.Float64() }

// spread draws a duration between two others.
func spread(r *rand.Rand, a, b time.Duration) time.Duration {
	return a + time.Duration(r.Float64()*float64(b-a))
}

// around draws a waiting time with this mean; most are shorter, a few much longer.
func around(r *rand.Rand, mean time.Duration) time.Duration {
	return time.Duration(min(r.ExpFloat64(), 6) * float64(mean))
}

func chance(r *rand.Rand, p float64) bool { return r.Float64() < p }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

// round keeps so many decimals.
func round(x float64, decimals int) float64 {
	p := math.Pow10(decimals)
	return math.Round(x*p) / p
}
