#include "egg_scan/model/phantom.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/core.hpp>
#include <random>
#include <vector>

namespace conveyor::egg {
namespace {

constexpr double kAlbumen = 700;  ///< signal; the others are parts of it

/// Numbers that are the same with every standard library, whose own distributions differ.
class Random {
 public:
  Random(std::uint64_t series, std::uint64_t number)
      : sequence_{static_cast<std::uint32_t>(series), static_cast<std::uint32_t>(series >> 32),
                  static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(number >> 32)},
        bits_(sequence_) {}

  /// From least up to greatest.
  double uniform(double least, double greatest) {
    return least + (greatest - least) * static_cast<double>(bits_() >> 11) * 0x1p-53;
  }
  double angle() { return uniform(0, 2 * std::numbers::pi); }

  struct Pair {
    double a, b;
  };
  /// Two of the standard normal distribution (Box and Muller, 1958).
  Pair normal() {
    const double radius = std::sqrt(-2 * std::log(1 - uniform(0, 1))), turn = angle();
    return {radius * std::cos(turn), radius * std::sin(turn)};
  }

 private:
  std::seed_seq sequence_;
  std::mt19937_64 bits_;
};

struct Point {
  double x = 0, y = 0;
};

/// A part of the egg, as an ellipse, and how bright it is.
class Ellipse {
 public:
  /// @param a,b semi-axes, pixels
  /// @param turn of a, radians
  Ellipse(Point centre, double a, double b, double turn, double signal)
      : centre_(centre),
        a_(a),
        b_(b),
        cosine_(std::cos(turn)),
        sine_(std::sin(turn)),
        reach_(std::max(a, b) * (1 + 0.5 / std::min(a, b))),
        signal_(signal) {}

  /// How much of a pixel lies in it, nearly: 1 well inside, 0 well outside, in between at the edge.
  [[nodiscard]] double cover(Point at) const {
    const double dx = at.x - centre_.x, dy = at.y - centre_.y;
    if (dx * dx + dy * dy > reach_ * reach_) return 0;
    const double u = (dx * cosine_ + dy * sine_) / a_, v = (dy * cosine_ - dx * sine_) / b_;
    return std::clamp(0.5 + (1 - std::hypot(u, v)) * std::min(a_, b_), 0.0, 1.0);
  }
  [[nodiscard]] double signal() const { return signal_; }

  /// The point on its long axis that is `part` of a from the centre.
  [[nodiscard]] Point along(double part) const {
    return {centre_.x + part * a_ * cosine_, centre_.y + part * a_ * sine_};
  }

 private:
  Point centre_;
  double a_, b_, cosine_, sine_;
  double reach_;  ///< nothing of it is farther from the centre
  double signal_;
};

/// The egg itself, in coordinates of its own: x along its axis towards the blunt end, the origin in its middle.
struct Anatomy {
  double a = 0, b = 0;              ///< half its length and width, pixels
  double taper = 0;                 ///< how much narrower it is towards the pointed end
  double air = 0;                   ///< where the air cell begins, of a
  std::vector<Ellipse> parts = {};  ///< yolk, embryo, blobs, spot; later ones cover earlier ones

  [[nodiscard]] double signal(Point at) const {
    const double along = at.x / a;
    const double half_width = b * std::sqrt(std::max(0.0, 1 - along * along)) * (1 + taper * along);
    const double inside = std::clamp(0.5 + std::min(half_width - std::abs(at.y), a - std::abs(at.x)), 0.0, 1.0);
    if (inside == 0) return 0;
    double value = kAlbumen;
    for (const Ellipse& part : parts) value += part.cover(at) * (part.signal() - value);
    const double in_air = std::clamp(0.5 + (at.x - air * a), 0.0, 1.0);
    return inside * (value + in_air * (0.03 * kAlbumen - value));
  }
};

Anatomy anatomy(Random& random, bool spot) {
  Anatomy egg{.a = random.uniform(44, 54), .taper = random.uniform(0.05, 0.16), .air = random.uniform(0.68, 0.85)};
  egg.b = egg.a * random.uniform(0.70, 0.80);
  const double yolk = egg.b * random.uniform(0.42, 0.52);
  const Point middle{egg.a * random.uniform(-0.25, 0.05), egg.b * random.uniform(-0.2, 0.2)};
  egg.parts.push_back(
      {middle, yolk, yolk * random.uniform(0.85, 1), random.angle(), kAlbumen * random.uniform(0.6, 0.78)});

  const double long_half = egg.a * random.uniform(0.26, 0.34);
  const double towards = random.angle(), apart = yolk * random.uniform(0.3, 0.6);
  const Point at{middle.x + apart * std::cos(towards), middle.y + apart * std::sin(towards)};
  const double short_half = long_half * random.uniform(0.55, 0.7), turn = random.angle();
  const Ellipse embryo(at, long_half, short_half, turn, kAlbumen * random.uniform(1.2, 1.45));
  egg.parts.push_back(embryo);
  // As small and dark as the spot, so that only the embryo around it tells it from them.
  for (int blobs = 0; blobs < 3; ++blobs) {
    const double where = random.angle(), far = random.uniform(1.5, 2.2) * long_half;
    const double radius = random.uniform(1.8, 3.5);
    egg.parts.push_back({{at.x + far * std::cos(where), at.y + far * std::sin(where)},
                         radius,
                         radius,
                         0,
                         kAlbumen * random.uniform(0.3, 0.6)});
  }
  const double along = random.uniform(-0.45, 0.45), radius = short_half * random.uniform(0.22, 0.36);
  const double brightness = random.uniform(0.6, 0.9);
  if (spot) egg.parts.push_back({embryo.along(along), radius, radius, 0, embryo.signal() * brightness});
  return egg;
}

}  // namespace

Phantom phantom(std::uint64_t series, std::uint64_t number) {
  Random random(series, number);
  Phantom made{.slice = cv::Mat(kPhantomSide, kPhantomSide, CV_16UC1), .spot = random.uniform(0, 1) < 0.5};
  const Anatomy egg = anatomy(random, made.spot);

  constexpr double kMiddle = 0.5 * kPhantomSide;
  const Point centre{kMiddle + random.uniform(-6, 6), kMiddle + random.uniform(-6, 6)};
  const double turn = random.angle(), cosine = std::cos(turn), sine = std::sin(turn);
  const double slope_x = random.uniform(-0.3, 0.3), slope_y = random.uniform(-0.3, 0.3),
               bowl = random.uniform(-0.2, 0.2);
  const double gain = random.uniform(0.6, 1.5), noise = kAlbumen * random.uniform(0.03, 0.12);
  for (int y = 0; y < kPhantomSide; ++y) {
    auto* row = made.slice.ptr<std::uint16_t>(y);
    for (int x = 0; x < kPhantomSide; ++x) {
      const double dx = x + 0.5 - centre.x, dy = y + 0.5 - centre.y;
      const double u = 2 * dx / kPhantomSide, v = 2 * dy / kPhantomSide;
      const double field = 1 + slope_x * u + slope_y * v + bowl * (u * u + v * v);
      const double signal = field * egg.signal({dx * cosine + dy * sine, dy * cosine - dx * sine});
      const auto [real, imaginary] = random.normal();
      row[x] = cv::saturate_cast<std::uint16_t>(gain * std::hypot(signal + noise * real, noise * imaginary));
    }
  }
  return made;
}

}  // namespace conveyor::egg
